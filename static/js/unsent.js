// The browser asks before a page is left on which something was typed or tallied that is not sent.
// data-unsent: "yes" where what stands in the form came back unsaved.
export function mount(form) {
  let unsent = form.dataset.unsent === "yes";

  form.addEventListener("input", () => {
    unsent = true;
  });
  form.addEventListener("submit", (event) => {
    unsent &&= event.defaultPrevented;
  });
  addEventListener("beforeunload", (event) => {
    if (unsent) {
      event.preventDefault();
    }
  });
}
