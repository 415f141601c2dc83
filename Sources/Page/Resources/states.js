// What a thread can be doing, in the order of StateClass in Swift.
export const states = [
  {key: "cpu", name: "on CPU"},
  {key: "queue", name: "run queue"},
  {key: "lock", name: "lock"},
  {key: "disk", name: "disk"},
  {key: "peer", name: "pipe or socket"},
  {key: "memory", name: "memory"},
  {key: "event", name: "event loop"},
  {key: "sleep", name: "sleep"},
  {key: "other", name: "other"},
];

export const ON_CPU = 0, RUN_QUEUE = 1, EVENT = 6, SLEEP = 7;

// From the bottom of a lane up: what costs time first, what mostly is idleness last.
export const stacking = [0, 1, 2, 3, 5, 4, 8, 6, 7];

// Whether a thread in this state is held up or at work, as far as one can tell by the state alone.
export function isBusy(state) { return state !== EVENT && state !== SLEEP && state !== 8; }

// The colours of the present theme, as CSS has them.
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const read = name => style.getPropertyValue(name).trim();
  return {
    states: states.map(state => read("--state-" + state.key)),
    lane: read("--lane"),
    text: read("--text"),
    quiet: read("--quiet"),
    line: read("--line"),
    surface: read("--surface"),
    window: read("--window"),
    baseline: read("--baseline"),
    shade: read("--shade"),
    accent: read("--accent"),
  };
}

// `#rrggbb` as a pixel of a canvas.
export function pixel(hex) {
  const value = parseInt(hex.slice(1), 16);
  return (0xff000000 | (value & 0xff) << 16 | (value & 0xff00) | value >> 16) >>> 0;
}
