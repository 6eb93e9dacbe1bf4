// One more row in a table of entries: the last row is copied, emptied and numbered.
export function mount(button) {
  const name = button.dataset.rowsAdd;
  const region = document.querySelector(`[data-rows="${name}"]`);

  button.addEventListener("click", (event) => {
    event.preventDefault();
    const body = region.querySelector("tbody");
    const last = body.rows.length - 1;
    const row = body.rows[last].cloneNode(true);
    renumber(row, name, last);
    body.append(row);
    const first = row.querySelector("input, select, textarea");
    first.focus();
    first.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function renumber(row, name, last) {
  const old = `${name}-${last}-`;
  const fresh = `${name}-${last + 1}-`;
  row.querySelectorAll(".err").forEach((error) => error.remove());
  row.querySelector("th").textContent = last + 2;
  for (const entry of row.querySelectorAll("input, select, textarea")) {
    entry.id = entry.id.replace(old, fresh);
    entry.name = entry.name.replace(old, fresh);
    entry.ariaLabel = entry.ariaLabel?.replace(` ${last + 1}, `, ` ${last + 2}, `);
    entry.value = "";
    for (const attribute of ["value", "aria-invalid", "aria-describedby"]) {
      entry.removeAttribute(attribute);
    }
  }
}
