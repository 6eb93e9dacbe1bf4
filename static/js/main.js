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

const mounted = Object.entries(places).map(async ([name, selector]) => {
  const found = document.body.querySelectorAll(selector);
  if (found.length) {
    const { mount } = await import(files[name]);
    found.forEach(mount);
  }
});
// Says that the page does all it can do; before, it is the page without scripts.
Promise.all(mounted).then(() => document.documentElement.toggleAttribute("data-mounted", true));
