// A pad to tally cells square by square. It only fills the ordinary entries of the table, which the server reads.
// data-tally: the name of the table. Each tap is an entry like a typed one, and can be taken back.
const WHOLE = /^\d{1,6}$/;

export function mount(box) {
  const name = box.dataset.tally;
  const body = document.querySelector(`[data-rows="${name}"] tbody`);
  if (!body) {
    return;
  }
  const form = body.closest("form");
  const all = (key) => box.querySelectorAll(`[data-${key}]`);
  const part = (key) => all(key)[0];
  const pad = part("pad");
  const undone = [];
  let tiles = [];
  let active = 0;
  let apart = box.dataset.apart === "yes";
  let loading = 1;

  const cell = (row, column) => tiles[row].entries[column];
  const value = (row, column) => cell(row, column).value.trim();
  const toPad = () => pad.focus({ preventScroll: true });
  const whole = (text) => (WHOLE.test(text) ? Number(text) : 0);
  const columns = () => (apart ? { live: "live", dead: "dead" } : { live: "cells" });
  const used = (row) => ["cells", "live", "dead"].some((column) => value(row, column));
  const drawAll = () => rows().forEach(draw);
  const rows = () => [...tiles.keys()];
  const told = (entry) => entry.dispatchEvent(new Event("input", { bubbles: true }));

  function write(entry, text) {
    entry.value = text;
    told(entry);
  }

  function count(which) {
    const column = columns()[which];
    if (!column) {
      return;
    }
    const mine = Object.values(columns());
    const refused = part("refused");
    const wrong = mine.map((each) => value(active, each)).find((text) => text && !WHOLE.test(text));
    const other = wrong || (apart ? value(active, "cells") : value(active, "live") + value(active, "dead"));
    refused.hidden = !other;
    if (other) {
      refused.textContent = `Square ${active + 1} holds “${other}”: correct it in the table first.`;
      return;
    }
    const before = [];
    const note = (each, text) => {
      const entry = cell(active, each);
      before.push([entry, entry.value]);
      entry.value = text;
    };
    for (const each of mine) {
      // Of what was not tapped there was none so far.
      note(each, whole(value(active, each)) + (each === column ? 1 : 0));
    }
    if (loading > 1 && !value(active, "loading")) {
      note("loading", loading);
    }
    undone.push([active, before]);
    told(cell(active, column));
    draw(active);
  }

  function takeBack() {
    const [row, before] = undone.pop() ?? [active, []];
    before.forEach((each) => write(...each));
    move(row);
  }

  function move(row) {
    const from = active;
    if (row >= body.rows.length) {
      document.querySelector(`[data-rows-add="${name}"]`).click();
      arrange();
      toPad();
    }
    active = Math.min(Math.max(row, 0), body.rows.length - 1);
    draw(from);
    draw(active);
    if (from !== active) {
      part("said").textContent = `${said(from)}. Now square ${active + 1}.`;
    }
  }

  function newLoading() {
    const counted = rows().filter(used);
    if (!counted.length || loading >= 6) {
      return;
    }
    for (const entry of counted.map((row) => cell(row, "loading")).filter((each) => !each.value)) {
      write(entry, "1");
    }
    loading += 1;
    move(counted.at(-1) + 1);
  }

  function said(row) {
    const words = Object.entries(columns()).map(([what, each]) => `${value(row, each) || "no"} ${apart ? what : each}`);
    return `Square ${row + 1}: ${used(row) ? words.join(", ") : "not counted"}`;
  }

  function draw(row) {
    const { main, small, button } = tiles[row];
    const dead = apart && value(row, "dead");
    main.textContent = value(row, columns().live);
    small.textContent = dead ? `${dead} dead` : "";
    button.setAttribute("aria-label", said(row));
    button.setAttribute("aria-current", row === active);
    sum();
  }

  function sum() {
    part("number=live").textContent = value(active, columns().live) || "0";
    part("number=dead").textContent = value(active, "dead") || "0";
    const total = (column) => rows().reduce((found, row) => found + whole(value(row, column)), 0);
    const live = total(columns().live);
    const dead = apart ? total("dead") : 0;
    const both = apart ? `${live} live, ${dead} dead, ` : "";
    const squares = rows().filter(used).length;
    part("totals").textContent = `Loading ${loading} · ${both}${live + dead} cells in ${squares} squares`;
  }

  function arrange() {
    const place = part("squares");
    place.replaceChildren();
    tiles = [...body.rows].map((_, row) => {
      const [button, number, main, small] = ["button", "span", "b", "span"].map((tag) => document.createElement(tag));
      button.type = "button";
      button.className = "sq";
      number.textContent = row + 1;
      button.append(number, main, small);
      button.addEventListener("click", () => move(row));
      place.append(button);
      const named = (column) => [column, form.elements[`${name}-${row}-${column}`]];
      return { button, main, small, entries: Object.fromEntries(["cells", "live", "dead", "loading"].map(named)) };
    });
    active = Math.min(active, tiles.length - 1);
    drawAll();
  }

  function choose(mode) {
    apart = mode === "apart";
    all("mode").forEach((one) => one.setAttribute("aria-pressed", one.dataset.mode === mode));
    part("tap=dead").hidden = !apart;
    part("word").textContent = apart ? "live" : "cell";
    arrange();
  }

  function sayBorder() {
    all("border").forEach((line) => (line.hidden = line.dataset.border !== form.elements.border_rule.value));
  }

  function begin() {
    const typed = (column) => rows().some((row) => value(row, column));
    loading = Math.max(1, ...rows().map((row) => whole(value(row, "loading"))));
    apart = !typed("cells") && (apart || typed("live"));
    active = Math.max(0, rows().findIndex((row) => !used(row)));
    choose(apart ? "apart" : "all");
  }

  function pressed(event, { tap }) {
    if (event.button === 0) {
      event.preventDefault();
      toPad();
      count(tap);
    }
  }

  const keys = {
    a: () => count("live"),
    s: () => count("dead"),
    Enter: () => move(active + 1),
    ArrowRight: () => move(active + 1),
    ArrowLeft: () => move(active - 1),
    Backspace: takeBack,
  };

  pad.addEventListener("keydown", (event) => {
    const { key, target, repeat } = event;
    const act = keys[key] ?? keys[key.toLowerCase()];
    const ownEnter = key === "Enter" && target !== pad && !target.dataset.tap;
    if (act && !ownEnter && !repeat && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      act();
    }
  });
  const on = (key, act, type = "click") =>
    all(key).forEach((one) => one.addEventListener(type, (event) => act(event, one.dataset)));
  // At the touch: two thumbs may tally at once.
  on("tap", pressed, "pointerdown");
  on("tap", ({ detail }, { tap }) => detail || count(tap));
  on("undo", takeBack);
  on("next", keys.Enter);
  on("loading", newLoading);
  on("mode", (_, { mode }) => {
    choose(mode);
    toPad();
  });
  body.addEventListener("input", ({ isTrusted }) => isTrusted && drawAll());
  new MutationObserver(() => tiles.length !== body.rows.length && arrange()).observe(body, { childList: true });

  form.addEventListener("change", sayBorder);

  arrange();
  box.hidden = false;
  sayBorder();
  begin();
}
