// A scanner types a code in one burst. With no entry in focus it is read here and brought to where it belongs.
// data-wedge: the address that says whose it is and which entries of this page take it; data-lost: said without answer.
const GAP_MS = 50; // longest between two keys of a burst, whatever it ends with
const ENTRY = "textarea, select, [data-pad], input:not([type=radio], [type=checkbox], [type=file])";

export function mount(link) {
  const place = document.getElementById("said");
  let burst = "";
  let last = 0;
  let timer;

  async function read() {
    const code = burst.trim();
    burst = "";
    if (code.length < 3) {
      return;
    }
    place.innerHTML = "";
    const answer = await fetch(link.dataset.wedge, {
      method: "POST", // in no address: it may be a wristband
      body: new URLSearchParams({ code, here: location.pathname, csrf_token: link.dataset.token }),
      headers: { Accept: "application/json" },
    });
    if (answer.status === 401) {
      dispatchEvent(new Event("locked"));
      return;
    }
    const { html, entered, takes, alone, to } = answer.redirected ? { to: location } : await answer.json();
    const entry = takes && enter(takes, alone);
    if (!entry && to) {
      location.assign(to);
      return;
    }
    place.innerHTML = entry ? entered : html;
    (entry || place).scrollIntoView({ block: "nearest" });
  }

  const over = () => read().catch(() => (place.innerHTML = link.dataset.lost));

  addEventListener("keydown", (event) => {
    const { key, target, timeStamp } = event;
    const typed = key.length === 1 ? key : /^(Enter|Tab)$/.test(key) && "\r";
    const other = event.repeat || event.ctrlKey || event.altKey || event.metaKey;
    if (!typed || other || target.closest?.(ENTRY)) {
      return;
    }
    if (timeStamp - last > GAP_MS) {
      over();
    }
    burst += typed;
    last = timeStamp;
    if (burst.length > 1) {
      event.preventDefault();
    }
    clearTimeout(timer);
    timer = setTimeout(over, GAP_MS);
  });
}

// Fills the first empty entry that takes it. None where it is unclear which: with `alone` where several are empty, else
// where a row that was begun is without: it may stay so.
function enter(takes, alone) {
  const empty = takes.flatMap(([name, value]) => {
    const [first] = document.getElementsByName(name);
    const entry = first?.form.elements[name];
    return entry && !entry.value ? [{ entry, first, value }] : [];
  });
  const row = ({ first }) => first.closest("[data-rows] tr")?.querySelectorAll("input, select") ?? [];
  const begun = (found) => [...row(found)].some(({ value }) => value);
  for (const { entry, first, value } of (alone ? empty[1] : empty.some(begun)) ? [] : empty) {
    entry.value = value;
    if (entry.value === value) {
      first.dispatchEvent(new Event("input", { bubbles: true }));
      return first;
    }
  }
}
