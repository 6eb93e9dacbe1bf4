// A pad to tally cells square by square. It only fills the ordinary entries of the table, which the server reads.
// data-tally: the name of the table. Every tap is an entry like one that was typed, and can be taken back.
const WHOLE = /^\d{1,6}$/;

export function mount(box) {
  const name = box.dataset.tally;
  const region = [...document.querySelectorAll("[data-rows]")].find((found) => found.dataset.rows === name);
  const body = region?.querySelector("tbody");
  if (!body) {
    return;
  }
  const part = (selector) => box.querySelector(selector);
  const pad = part("[data-pad]");
  const add = document.querySelector(`[data-rows-add="${name}"]`);
  const numbers = { live: part("[data-number=live]"), dead: part("[data-number=dead]") };
  const form = body.closest("form");
  const undone = [];
  let tiles = [];
  let active = 0;
  let apart = box.dataset.apart === "yes";
  let loading = 1;

  const cell = (row, column) => tiles[row].entries[column];
  const value = (row, column) => cell(row, column).value.trim();
  const toPad = () => pad.focus({ preventScroll: true }); // where its keys count
  const whole = (text) => (WHOLE.test(text) ? Number(text) : 0);
  const columns = () => (apart ? { live: "live", dead: "dead" } : { live: "cells" });
  const used = (row) => ["cells", "live", "dead"].some((column) => value(row, column) !== "");

  function write(entry, text) {
    entry.value = text;
    entry.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function count(which) {
    const column = columns()[which];
    if (!column) {
      return;
    }
    const wrong = Object.values(columns()).find((other) => value(active, other) !== "" && !WHOLE.test(value(active, other)));
    const other = apart ? value(active, "cells") : value(active, "live") + value(active, "dead");
    if (wrong || other) {
      refuse(`Square ${active + 1} holds “${wrong ? value(active, wrong) : other}”: correct it in the table first.`);
      return;
    }
    refuse("");
    const before = [];
    for (const each of Object.values(columns())) {
      const entry = cell(active, each);
      before.push([entry, entry.value]);
      if (each === column) {
        entry.value = String(whole(entry.value) + 1);
      } else if (entry.value === "") {
        // The square is being counted: of these there was none so far.
        entry.value = "0";
      }
    }
    const number = cell(active, "loading");
    if (loading > 1 && number.value === "") {
      before.push([number, number.value]);
      number.value = String(loading);
    }
    undone.push([active, before]);
    cell(active, column).dispatchEvent(new Event("input", { bubbles: true }));
    draw(active);
  }

  function takeBack() {
    const last = undone.pop();
    if (!last) {
      return;
    }
    const [row, before] = last;
    for (const [entry, text] of before) {
      write(entry, text);
    }
    move(row);
  }

  function move(row) {
    const from = active;
    if (row >= body.rows.length) {
      add.click();
      arrange();
      toPad();
    }
    active = Math.min(Math.max(row, 0), body.rows.length - 1);
    draw(from);
    draw(active);
    if (from !== active) {
      part("[data-said]").textContent = `${said(from)}. Now square ${active + 1}.`;
    }
  }

  function newLoading() {
    const rows = [...tiles.keys()].filter(used);
    if (!rows.length || loading >= 6) {
      return;
    }
    for (const row of rows) {
      if (cell(row, "loading").value === "") {
        write(cell(row, "loading"), "1");
      }
    }
    loading += 1;
    move(rows.at(-1) + 1);
  }

  function said(row) {
    const words = apart
      ? `${value(row, "live") || "no"} live, ${value(row, "dead") || "no"} dead`
      : `${value(row, "cells") || "no"} cells`;
    return used(row) ? `Square ${row + 1}: ${words}` : `Square ${row + 1}: not counted`;
  }

  function draw(row) {
    const tile = tiles[row];
    tile.main.textContent = (apart ? value(row, "live") : value(row, "cells")) || "";
    tile.small.textContent = apart && value(row, "dead") !== "" ? `${value(row, "dead")} dead` : "";
    tile.button.setAttribute("aria-label", said(row));
    tile.button.setAttribute("aria-current", String(row === active));
    sum();
  }

  // The numbers of the square in hand, and the running totals.
  function sum() {
    numbers.live.textContent = value(active, columns().live) || "0";
    numbers.dead.textContent = value(active, "dead") || "0";
    let live = 0;
    let dead = 0;
    let squares = 0;
    for (let each = 0; each < tiles.length; each += 1) {
      live += whole(value(each, columns().live));
      dead += apart ? whole(value(each, "dead")) : 0;
      squares += used(each) ? 1 : 0;
    }
    const both = apart ? `${live} live, ${dead} dead, ` : "";
    part("[data-totals]").textContent = `Loading ${loading} · ${both}${live + dead} cells in ${squares} squares`;
  }

  function arrange() {
    const place = part("[data-squares]");
    place.replaceChildren();
    tiles = [...body.rows].map((_, row) => {
      const button = document.createElement("button");
      const [number, main, small] = ["span", "b", "span"].map((tag) => document.createElement(tag));
      button.type = "button";
      button.className = "sq";
      number.textContent = String(row + 1);
      button.append(number, main, small);
      button.addEventListener("click", () => move(row));
      place.append(button);
      const entries = {};
      for (const column of ["cells", "live", "dead", "loading"]) {
        entries[column] = body.rows[row].querySelector(`[name="${name}-${row}-${column}"]`);
      }
      return { button, main, small, entries };
    });
    active = Math.min(active, tiles.length - 1);
    tiles.forEach((_, row) => draw(row));
  }

  function choose(mode) {
    apart = mode === "apart";
    for (const button of box.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    part("[data-tap=dead]").hidden = !apart;
    part("[data-word]").textContent = apart ? "live" : "cell";
    arrange();
  }

  function sayBorder() {
    for (const line of box.querySelectorAll("[data-border]")) {
      line.hidden = line.dataset.border !== form.elements.border_rule.value;
    }
  }

  function begin() {
    const rows = [...tiles.keys()];
    loading = Math.max(1, ...rows.map((row) => whole(value(row, "loading"))));
    if (rows.some((row) => value(row, "cells") !== "")) {
      apart = false;
    } else if (rows.some((row) => value(row, "live") !== "")) {
      apart = true;
    }
    active = Math.max(0, rows.findIndex((row) => !used(row)));
    choose(apart ? "apart" : "all");
  }

  function refuse(text) {
    part("[data-refused]").textContent = text;
    part("[data-refused]").hidden = !text;
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
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const ownEnter = event.key === "Enter" && event.target !== pad && !event.target.dataset.tap;
    if (act && !ownEnter && !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat) {
      event.preventDefault();
      act();
    }
  });
  for (const button of box.querySelectorAll("[data-tap]")) {
    // At the touch itself, as a key: two thumbs may tally at once, and no tap waits for the finger to leave.
    button.addEventListener("pointerdown", (event) => {
      if (event.button === 0) {
        event.preventDefault();
        toPad();
        count(button.dataset.tap);
      }
    });
    button.addEventListener("click", (event) => {
      if (event.detail === 0) {
        count(button.dataset.tap);
      }
    });
  }
  part("[data-undo]").addEventListener("click", takeBack);
  part("[data-next]").addEventListener("click", () => move(active + 1));
  part("[data-loading]").addEventListener("click", newLoading);
  for (const button of box.querySelectorAll("[data-mode]")) {
    button.addEventListener("click", () => {
      choose(button.dataset.mode);
      toPad();
    });
  }
  body.addEventListener("input", (event) => {
    if (event.isTrusted) {
      tiles.forEach((_, row) => draw(row));
    }
  });
  new MutationObserver(() => tiles.length !== body.rows.length && arrange()).observe(body, { childList: true });

  form.addEventListener("change", sayBorder);

  arrange();
  box.hidden = false;
  sayBorder();
  begin();
}
