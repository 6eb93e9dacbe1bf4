// Mounts each behaviour where its data attribute stands. Every page works without it.
const files = document.getElementById("behaviours").dataset;
const places = {
  echo: "form[data-echo]",
  once: "form[data-once]",
  rows: "[data-rows-add]",
  drop: "[data-drop]",
  clock: "[data-clock], [data-countdown]",
  enter: "form[data-enter]",
  unsent: "form[data-unsent]",
  tally: "[data-tally]",
  wedge: "[data-wedge]",
  lock: "[data-lock]",
  passkey: "form[data-passkey]",
};

for (const [name, selector] of Object.entries(places)) {
  const found = document.body.querySelectorAll(selector);
  if (found.length) {
    import(files[name]).then(({ mount }) => found.forEach(mount));
  }
}
