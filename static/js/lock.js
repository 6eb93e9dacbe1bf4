// Covers the page when its session is locked: what is typed stays in it, and nobody reads or reaches it.
// data-lock: the address that says how long the session stays open; data-active: the one that is told of work here.
const TOLD_MS = 60000; // work is told so often
const SOON_MS = 60000; // so long before the lock it is announced
const AGAIN_MS = 5000;

export function mount(place) {
  const { lock, active, token, who } = place.dataset;
  const [cover, warning] = place.querySelectorAll("template");
  let end = Date.now() + 1000 * place.dataset.left;
  let told = Date.now();
  let worked = false;
  let asked = 0;
  let unsent; // the lock that the server has not heard of yet
  let before;
  let shutOff;
  const total = end - told;

  const covered = () => document.body.hasAttribute("data-locked");

  function show(template) {
    place.querySelectorAll(":scope > :not(template)").forEach((old) => old.remove());
    if (template) {
      place.append(template.content.cloneNode(true));
    }
    place.hidden = !template;
  }

  function shut() {
    if (covered()) {
      return;
    }
    before = document.activeElement;
    // What was out of reach before, as the page under a signature, stays so afterwards.
    shutOff = [...document.body.children].filter((part) => part !== place && !part.inert);
    shutOff.forEach((part) => (part.inert = true));
    document.body.toggleAttribute("data-locked", true);
    show(cover);
    const typed = place.querySelector("[name=password]");
    typed.type = "password";
    typed.form.addEventListener("submit", unlock);
    typed.focus();
  }

  function open(left) {
    end = Date.now() + 1000 * left;
    if (covered()) {
      document.body.removeAttribute("data-locked");
      shutOff.forEach((part) => (part.inert = false));
      show();
      before?.focus();
    }
  }

  async function call(address, fields) {
    asked = Date.now();
    const body = fields && new URLSearchParams(fields);
    const method = fields ? "POST" : "GET";
    const answer = await fetch(address, { method, body, headers: { Accept: "application/json" } });
    return { status: answer.status, ...(await answer.json()) };
  }

  // The clock asks again when the server is away.
  async function ask(address, fields) {
    const { status, left, who: now } = await call(address, fields).catch(() => ({}));
    if (status === 200 && left > 0 && now === who && !unsent) {
      open(left);
    } else if (status) {
      shut();
    }
  }

  async function send() {
    const { status } = await call(unsent.action, new FormData(unsent)).catch(() => ({}));
    unsent = status === 200 ? undefined : unsent;
  }

  async function unlock(event) {
    event.preventDefault();
    const form = event.target;
    const said = form.querySelector("#lock-said");
    const typed = form.querySelector("[name=password]");
    said.textContent = "";
    const away = { sentence: "The server did not answer. Try again." };
    const { status, left, sentence } = await call(form.action, new FormData(form)).catch(() => away);
    if (status === 200) {
      unsent = undefined;
      told = Date.now();
      open(left);
      return;
    }
    said.textContent = sentence;
    typed.value = "";
    typed.focus();
  }

  for (const form of document.querySelectorAll("[data-locks]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      unsent = form;
      shut();
      send();
    });
  }

  for (const work of ["keydown", "pointerdown", "input", "wheel"]) {
    addEventListener(work, () => (worked = !covered()), { capture: true, passive: true });
  }

  setInterval(() => {
    const now = Date.now();
    const late = now - asked > AGAIN_MS;
    if (unsent) {
      if (late) {
        send();
      }
    } else if (!covered() && worked && now < end && now - told > Math.min(TOLD_MS, total / 4)) {
      told = now;
      worked = false;
      ask(active, { csrf_token: token });
    } else if (now >= end) {
      shut();
      if (late) {
        ask(lock);
      }
    }
    if (!covered()) {
      const soon = end - now < Math.min(SOON_MS, total / 3);
      if (soon === place.hidden) {
        show(soon && warning);
        // Work on another page of the same browser counts too.
        soon && ask(lock);
      }
      told = soon ? 0 : told;
    }
  }, 1000);
  for (const back of ["focus", "pageshow", "visibilitychange"]) {
    addEventListener(back, () => {
      if (Date.now() >= end) {
        shut();
      }
      if (!document.hidden && Date.now() - asked > 1000) {
        ask(lock);
      }
    });
  }
  addEventListener("locked", shut);
}
