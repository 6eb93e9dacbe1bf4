// Asks before a page is left with something unsent. "yes": the form came back unsaved.
export function mount(form) {
  let unsent = form.dataset.unsent === "yes";
  form.addEventListener("input", () => (unsent = true));
  form.addEventListener("submit", (event) => (unsent &&= event.defaultPrevented));
  addEventListener("beforeunload", (event) => unsent && event.preventDefault());
}
