import {SLEEP} from "./states.js";
import {totalOf, countOf} from "./series.js";
import {byID, element, histogramDrawing, quantileBound, slotRange} from "./dom.js";
import {SortableTable} from "./table.js";
import {count, duration, percent, points} from "./units.js";

// Lengths of a wait's ends in the stretches that the window touches.
export function lengthsIn(wait, parts, size) {
  const sums = [];
  for (const { stretch, counts } of wait.lengths) {
    if (!parts.some(([from, to]) => stretch * size < to && (stretch + 1) * size > from)) continue;
    counts.forEach((value, slot) => {
      sums[slot] = (sums[slot] ?? 0) + value;
    });
  }
  return Array.from(sums, value => value ?? 0);
}

function isRest(wait) { return wait.isIdle || wait.state === SLEEP; }

export class WaitsView {
  constructor(recording, host) {
    this.recording = recording;
    this.filter = byID("waits-filter");
    this.table = new SortableTable(
        host, "Waits in the window, the longest total first",
        [
          { title: "Thread", text: row => row.thread.name, value: row => row.thread.name },
          {
            title: "Waits for",
            node: row =>
                [element("i", { class: "dot state-" + row.wait.state, "aria-hidden": "true" }), " " + row.wait.subject],
            value: row => row.wait.subject,
            class: "name"
          },
          { title: "Ended by", text: row => row.wait.waker, value: row => row.wait.waker, class: "name" },
          { title: "Total", right: true, text: row => duration(row.time), value: row => row.time },
          {
            title: "Share",
            right: true,
            hint: "of the window",
            text: row => percent(row.time / row.length),
            value: row => row.time
          },
          {
            title: "vs. baseline",
            right: true,
            hint: "percentage points",
            text: row => row.before === null ? "" : points(row.time / row.length - row.before / row.beforeLength),
            value: row => row.before === null ? 0 : row.time / row.length - row.before / row.beforeLength
          },
          { title: "Count", right: true, text: row => count(row.count), value: row => row.count },
          {
            title: "Mean",
            right: true,
            text: row => row.count ? duration(row.time / row.count) : "–",
            value: row => row.count ? row.time / row.count : 0
          },
          {
            title: "99 % below",
            right: true,
            hint: "upper end of the histogram’s slot",
            text: row => row.top === null ? "–" : duration(row.top),
            value: row => row.top ?? 0
          },
          { title: "Lengths", node: row => histogramDrawing(row.lengths, this.range) },
        ],
        { rows: 20, empty: "No wait matches in this window." });
    this.rows = [];
    this.filter.addEventListener("input", () => this.show());
  }

  update(selection) {
    const length = selection.length("window"), beforeLength = selection.length("baseline");
    this.rows = [];
    for (const wait of this.recording.waits) {
      const time = totalOf(wait.series, selection.window);
      const before = selection.hasBaseline ? totalOf(wait.series, selection.baseline) : null;
      if (time <= 0 && !before) continue;
      const size = this.recording.histogramBins, row = {
        wait,
        thread: this.recording.threads[wait.thread],
        time,
        before,
        length,
        beforeLength,
        count: countOf(wait.series, selection.window)
      };
      // Only for rows that are shown or sorted by.
      Object.defineProperty(row, "lengths", { get: () => row.found ??= lengthsIn(wait, selection.window, size) });
      Object.defineProperty(row, "top", { get: () => quantileBound(row.lengths, 0.99) });
      this.rows.push(row);
    }
    this.rows.sort((left, right) => right.time - left.time);
    this.show();
  }

  // Sleep, and waits that nobody needs to end, come last, as long as nothing is sorted or asked for.
  show() {
    const text = this.filter.value.trim().toLowerCase();
    const matches = row =>
        `${row.thread.name} ${row.thread.processName} ${row.wait.subject} ${row.wait.waker}`.toLowerCase().includes(
            text);
    const rows = text ? this.rows.filter(matches) :
                        [...this.rows.filter(row => !isRest(row.wait)), ...this.rows.filter(row => isRest(row.wait))];
    // What is seen at first sets the scale.
    this.range = slotRange(rows.slice(0, 40).map(row => row.lengths));
    this.table.show(rows);
  }
}
