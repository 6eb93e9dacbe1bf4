// Counts on what the server counted up to the moment at which it wrote the page. The clock of the device does not count.
// data-countdown: the server's time of the page. In it data-until counts down and data-since counts up.
const EVERY_MS = 1000;

export function mount(place) {
  const server = Date.parse(place.dataset.countdown);
  const opened = performance.now();
  const counters = [...place.querySelectorAll("[data-until], [data-since]")];

  function tick() {
    const now = server + performance.now() - opened;
    for (const counter of counters) {
      const { until, since } = counter.dataset;
      if (since) {
        counter.textContent = counted(now - Date.parse(since));
        continue;
      }
      const left = Date.parse(until) - now;
      const over = left < 0;
      const item = counter.closest("li");
      if (over && !item.classList.contains("out")) {
        item.classList.add("out");
        item.setAttribute("role", "alert");
      }
      counter.textContent = over ? `over by ${counted(-left)}` : `${counted(left)} left`;
    }
  }

  tick();
  setInterval(tick, EVERY_MS);
}

// Words as in domain/values/typography.py: counted.
function counted(ms) {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) {
    return `${seconds}\u00a0s`;
  }
  if (hours < 1) {
    return `${minutes}\u00a0min\u00a0${String(seconds % 60).padStart(2, "0")}\u00a0s`;
  }
  if (hours < 48) {
    return `${hours}\u00a0h\u00a0${String(minutes % 60).padStart(2, "0")}`;
  }
  return `${Math.floor(hours / 24)}\u00a0d\u00a0${hours % 24}\u00a0h`;
}
