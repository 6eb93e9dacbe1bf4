// Shows what the server understood while a step is filled in, and has it keep that.
// data-echo: the address that takes the form and answers {"field id": {"echo": html, "verdict": html}}.
const PAUSE_MS = 350;
const APART_MS = 1000; // from one question to the next
const LONGEST_MS = 2000; // who never pauses is asked for
const TAP_MS = 60; // between two taps

export function mount(form) {
  let timer;
  let due;
  let sent = -APART_MS;
  let touched = -PAUSE_MS;
  let asked;

  function later() {
    const now = performance.now();
    due ??= now + LONGEST_MS;
    clearTimeout(timer);
    const left = due - now < PAUSE_MS ? TAP_MS : due - now;
    timer = setTimeout(ask, Math.min(left, Math.max(PAUSE_MS, sent + APART_MS - now)));
  }

  function rest() {
    clearTimeout(timer);
    timer = due = undefined;
  }

  async function ask(leaving) {
    rest();
    if (asked && !leaving) {
      // One at a time, or an older text could arrive last.
      later();
      return;
    }
    sent = performance.now();
    asked = new AbortController();
    try {
      const answer = await fetch(form.dataset.echo, {
        method: "POST",
        body: typed(form),
        headers: { Accept: "application/json" },
        signal: asked.signal,
        keepalive: Boolean(leaving),
      });
      if (answer.status === 401) {
        dispatchEvent(new Event("locked"));
      }
      // Anything else is left alone: the server judges again when the form is sent.
      if (answer.ok && !answer.redirected && !timer) {
        // Who is in the middle of a number, or of a tally, is not interrupted.
        if (performance.now() - touched < PAUSE_MS) {
          later();
        } else {
          show(await answer.json());
        }
      }
    } catch (error) {
      if (error.name !== "AbortError" && !(error instanceof TypeError)) {
        throw error;
      }
    } finally {
      asked = undefined;
    }
  }

  form.addEventListener("input", (event) => {
    if (event.target.type !== "password") {
      touched = performance.now();
      later();
    }
  });
  form.addEventListener("submit", () => {
    rest();
    asked?.abort();
  });
  for (const last of ["beforeunload", "pagehide", "visibilitychange"]) {
    addEventListener(last, () => timer && ask(true));
  }
  if (form.dataset.unsent === "yes") {
    later();
  }
}

function typed(form) {
  const found = new FormData(form);
  for (const secret of form.querySelectorAll("input[type=password], input[type=file]")) {
    found.delete(secret.name);
  }
  return new URLSearchParams(found);
}

function show(cells) {
  for (const [id, parts] of Object.entries(cells)) {
    for (const [part, html] of Object.entries(parts)) {
      const cell = document.getElementById(`${id}-${part}`);
      // A cell that says the same is not written again, or a screen reader would read it again.
      if (cell && cell.dataset.said !== html) {
        cell.dataset.said = html;
        cell.innerHTML = html;
      }
    }
  }
}
