from tests.support.lab import Lab
def test_smoke(lab: Lab) -> None:
    n = lab.open_batch()
    r = lab.client("paula").get(f"/batches/{n}/steps/order")
    print(r.text)
    assert r.status_code == 200
