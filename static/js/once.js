// A form is sent once: its buttons rest until the answer is there. The server refuses a repeat anyway.
const LONGEST_MS = 15000;

export function mount(form) {
  const resting = new Set();

  function wake() {
    resting.forEach((button) => (button.disabled = false));
    resting.clear();
    form.removeAttribute("aria-busy");
  }

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) {
      return;
    }
    // After this turn: name and value of the pressed button still travel with the form.
    setTimeout(() => {
      form.setAttribute("aria-busy", "true");
      for (const button of form.querySelectorAll("button:not(:disabled)")) {
        button.disabled = true;
        resting.add(button);
      }
    });
    setTimeout(wake, LONGEST_MS);
  });
  addEventListener("pageshow", wake);
}
