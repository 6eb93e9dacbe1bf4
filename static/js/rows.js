// One more row in a table of entries, without a round trip: the last row is copied, emptied and numbered.
export function mount(button) {
  const name = button.dataset.rowsAdd;
  const region = [...document.querySelectorAll("[data-rows]")].find((found) => found.dataset.rows === name);

  button.addEventListener("click", (event) => {
    event.preventDefault();
    const body = region.querySelector("tbody");
    const last = body.rows.length - 1;
    const row = body.rows[last].cloneNode(true);
    renumber(row, name, last);
    body.append(row);
    row.querySelector("input, select, textarea")?.focus();
    row.querySelector("input, select")?.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function renumber(row, name, last) {
  const old = `${name}-${last}-`;
  const fresh = `${name}-${last + 1}-`;
  row.querySelectorAll(".err").forEach((error) => error.remove());
  for (const heading of row.querySelectorAll("th")) {
    heading.textContent = String(last + 2);
  }
  for (const entry of row.querySelectorAll("input, select, textarea")) {
    for (const attribute of ["id", "name"]) {
      entry.setAttribute(attribute, entry.getAttribute(attribute).replace(old, fresh));
    }
    const label = entry.getAttribute("aria-label");
    if (label) {
      entry.setAttribute("aria-label", label.replace(` ${last + 1}, `, ` ${last + 2}, `));
    }
    entry.removeAttribute("aria-invalid");
    entry.removeAttribute("aria-describedby");
    if (entry.type !== "radio" && entry.type !== "checkbox") {
      entry.value = "";
      entry.removeAttribute("value");
    }
    entry.checked = false;
  }
}
