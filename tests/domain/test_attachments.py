"""Which files are taken: by their content, and only where the name agrees."""

from __future__ import annotations

import pytest

from labrecords.domain.attachments import CSV, JPEG, MOST_BYTES, PDF, PNG, NotTaken, file_name, media_type

PDF_FILE = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
JPEG_FILE = b"\xff\xd8\xff\xe0" + b"\0" * 20 + b"\xff\xd9"
PNG_FILE = b"\x89PNG\r\n\x1a\n" + b"\0" * 20 + b"IEND\xaeB`\x82"
CSV_FILE = "time;°C\n08:20;21,4\n".encode()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("run.pdf", PDF_FILE, PDF),
        ("Bag 7.JPG", JPEG_FILE, JPEG),
        ("bag.jpeg", JPEG_FILE, JPEG),
        ("bag.png", PNG_FILE, PNG),
        ("log.csv", CSV_FILE, CSV),
        ("log.csv", b"\xef\xbb\xbf" + CSV_FILE, CSV),
    ],
)
def test_a_file_is_known_by_its_content(name: str, data: bytes, kind: str) -> None:
    assert media_type(name, data) == kind


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("run.pdf", b"", "empty"),
        ("run.pdf", JPEG_FILE, "content is a JPEG picture"),
        ("bag.jpg", PDF_FILE, "content is a PDF"),
        ("log.csv", PDF_FILE, "content is a PDF"),
        ("page.html", b"<html>", "none of them"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "none of them"),
        ("log.csv", b"<script>,</script>", "none of them"),
        ("log.csv", b"one column only\n1\n", "none of them"),
        ("log.csv", b"a,b\0c\n", "none of them"),
        ("log.csv", b"a,b\xff\n", "none of them"),
        ("archive.zip", b"PK\x03\x04", "none of them"),
        ("run", PDF_FILE, "none of them"),
        ("run.exe", b"MZ\x90", "none of them"),
        ("cut.pdf", b"%PDF-1.7 cut off", "none of them"),
        ("both.jpg", JPEG_FILE + b"PK\x03\x04 an archive behind the picture", "none of them"),
        ("both.png", PNG_FILE + b"<script>1</script>", "none of them"),
        ("before.pdf", b"GIF89a" + PDF_FILE, "none of them"),
        ("behind.pdf", PDF_FILE + b"<html><script>1</script></html>", "none of them"),
        ("page.html", PDF_FILE, "none of them"),
        ("script.csv", b"GIF89a/*,*/=1;alert(1)\n", "none of them"),
        ("script.gif", b"GIF89a/*,*/=1;alert(1)\n", "none of them"),
        ("bomb.csv", b"PK\x03\x04" + b"\0" * 1000, "none of them"),
        ("big.pdf", PDF_FILE.ljust(MOST_BYTES + 1), "at most 20"),
    ],
)
def test_what_is_not_taken_says_why(name: str, data: bytes, said: str) -> None:
    with pytest.raises(NotTaken, match=said):
        media_type(name, data)


@pytest.mark.parametrize("sent", ["../../etc/log.csv", "C:\\runs\\log.csv", "/log.csv", "log.csv"])
def test_a_file_is_named_without_the_folders_it_was_sent_from(sent: str) -> None:
    assert file_name(sent) == "log.csv"
