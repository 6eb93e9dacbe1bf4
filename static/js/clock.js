// Keeps times up to date: "1 h 54" in the bar of a batch, and by the second what runs (data-countdown).
// All instants are the server's: the clock of the device does not count.
export function mount(place) {
  const { clock, countdown } = place.dataset;
  const server = Date.parse(clock ?? countdown);
  const opened = performance.now();
  const gone = place.querySelector(".life .gone");
  const counters = [...place.querySelectorAll("[data-since], [data-until]")];

  function tick() {
    const now = server + performance.now() - opened;
    let start;
    for (const counter of counters) {
      const { since, until } = counter.dataset;
      if (since) {
        start = Date.parse(since);
        write(counter, span(now - start, countdown));
        continue;
      }
      const end = Date.parse(until);
      const over = now > end;
      const words = span(Math.abs(end - now), countdown);
      const late = countdown ? `over by ${words}` : `expired ${words} ago`;
      write(counter, over ? late : `${words} left`);
      const item = countdown ? counter.closest("li") : counter.parentElement;
      if (over && !item.classList.contains("out")) {
        item.classList.add("out");
        if (countdown) {
          item.setAttribute("role", "alert");
        }
      }
      if (gone && start) {
        const share = Math.min(1, Math.max(0, (now - start) / (end - start)));
        gone.setAttribute("width", `${(100 * share).toFixed(2)}%`);
        gone.setAttribute("class", over ? "due" : "gone");
      }
    }
  }

  tick();
  setInterval(tick, countdown ? 1000 : 5000);
}

function write(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

// Words as in domain/values/typography.py: duration, or with the seconds counted.
function span(ms, exact) {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const two = (number) => String(number % 60).padStart(2, "0");
  if (minutes < 1) {
    return `${seconds}\u00a0s`;
  }
  if (hours < 1) {
    return `${minutes}\u00a0min${exact ? `\u00a0${two(seconds)}\u00a0s` : ""}`;
  }
  return hours < 48 ? `${hours}\u00a0h\u00a0${two(minutes)}` : `${Math.floor(hours / 24)}\u00a0d\u00a0${hours % 24}\u00a0h`;
}
