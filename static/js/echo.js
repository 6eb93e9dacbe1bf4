// Shows what the server understood while a step is being filled in. The server does the arithmetic.
// data-echo: the address that takes the form and answers {"field id": {"echo": html, "verdict": html}}.
const PAUSE_MS = 350;

export function mount(form) {
  let timer;
  let asked;

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const typed = new FormData(form);
    for (const secret of form.querySelectorAll("input[type=password], input[type=file]")) {
      typed.delete(secret.name);
    }
    try {
      const answer = await fetch(form.dataset.echo, {
        method: "POST",
        body: typed,
        headers: { Accept: "application/json" },
        signal: asked.signal,
      });
      // Anything but a plain answer is left alone: the server judges again when the form is sent.
      if (answer.ok && !answer.redirected) {
        show(await answer.json());
      }
    } catch (error) {
      if (error.name !== "AbortError" && !(error instanceof TypeError)) {
        throw error;
      }
    }
  }

  form.addEventListener("input", (event) => {
    if (event.target.type !== "password") {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MS);
    }
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    asked?.abort();
  });
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
