// Enter moves on to the next entry, as a scanner that ends with Enter expects; after the last one to the button.
// Arrow up and down move between the rows of a table, in the same column.
export function mount(form) {
  form.addEventListener("keydown", (event) => {
    const entry = event.target;
    if (["ArrowUp", "ArrowDown"].includes(event.key) && entry.matches("td input:not([type=radio], [type=checkbox])")) {
      const column = entry.name.split("-").pop();
      const row = entry.closest("tr")[event.key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling"];
      const there = row?.querySelector(`[name$="-${column}"]`);
      if (there) {
        event.preventDefault();
        there.focus();
        there.select?.();
      }
      return;
    }
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
