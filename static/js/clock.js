// Keeps "1 h 54" up to date. The instants and the time are the server's: the clock of the device does not count.
const EVERY_MS = 5000;
const MINUTE = 60000;

export function mount(place) {
  const server = Date.parse(place.dataset.clock);
  const opened = performance.now();
  const since = place.querySelector("[data-since]");
  const until = place.querySelector("[data-until]");
  const gone = place.querySelector(".life .gone");

  function tick() {
    const now = server + performance.now() - opened;
    const start = since ? Date.parse(since.dataset.since) : null;
    if (since) {
      write(since, span(now - start));
    }
    if (!until) {
      return;
    }
    const end = Date.parse(until.dataset.until);
    const over = now > end;
    write(until, over ? `expired ${span(now - end)} ago` : `${span(end - now)} left`);
    until.parentElement.classList.toggle("out", over);
    if (gone && start !== null) {
      const share = Math.min(1, Math.max(0, (now - start) / (end - start)));
      gone.setAttribute("width", `${(100 * share).toFixed(2)}%`);
      gone.setAttribute("class", over ? "due" : "gone");
    }
  }

  tick();
  setInterval(tick, EVERY_MS);
}

function write(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

// Words as in domain/values/typography.py: duration.
function span(ms) {
  const minutes = Math.floor(Math.max(0, ms) / MINUTE);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) {
    return `${Math.floor(Math.max(0, ms) / 1000)}\u00a0s`;
  }
  if (hours < 1) {
    return `${minutes}\u00a0min`;
  }
  if (hours < 48) {
    return `${hours}\u00a0h\u00a0${String(minutes % 60).padStart(2, "0")}`;
  }
  return `${Math.floor(hours / 24)}\u00a0d\u00a0${hours % 24}\u00a0h`;
}
