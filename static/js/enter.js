// Enter moves on to the next entry, as a scanner that ends with Enter expects; after the last one to the button.
export function mount(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("input, select")) {
      return;
    }
    event.preventDefault();
    const stops = [...form.querySelectorAll("input, select, textarea, button.go")].filter(
      (stop) => stop.type !== "hidden" && !stop.disabled && stop.tabIndex >= 0,
    );
    const others = (stop) => stop.type !== "radio" || stop.name !== event.target.name;
    const next = stops.slice(stops.indexOf(event.target) + 1).find(others);
    next?.focus();
    next?.select?.();
  });
}
