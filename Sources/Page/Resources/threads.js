import {states, stacking, isBusy} from "./states.js";
import {stateTimes} from "./recording.js";
import {element, stateBar} from "./dom.js";
import {SortableTable} from "./table.js";
import {percent, points} from "./units.js";

// Shares of the states of each thread in the window; what the timeline shows, as numbers.
export class ThreadsView {
  constructor(recording, host) {
    this.recording = recording;
    const share = (title, states) => ({
      title,
      right: true,
      text: row => percent(sum(row.times, states) / row.length),
      value: row => sum(row.times, states) / row.length
    });
    this.table = new SortableTable(
        host, "Threads in the window",
        [
          {
            title: "Thread",
            node: row => [row.thread.name, row.thread.isEntry ? element("span", { class: "badge" }, "serves") : ""],
            value: row => row.thread.name
          },
          {
            title: "Process",
            text: row => row.thread.processName,
            value: row => row.thread.processName,
            class: "name"
          },
          { title: "States", node: row => stateBar(row.times, row.length, stacking), class: "wide" },
          share("On CPU", [0]),
          share("Run queue", [1]),
          share("Lock", [2]),
          share("Disk", [3]),
          share("Pipe, socket", [4]),
          share("Memory", [5]),
          share("Event loop, sleep, other", [6, 7, 8]),
          {
            title: "CPU vs. baseline",
            right: true,
            hint: "percentage points",
            text: row => row.before ? points(row.times[0] / row.length - row.before[0] / row.beforeLength) : "",
            value: row => row.before ? row.times[0] / row.length - row.before[0] / row.beforeLength : 0
          },
        ],
        { rows: 12, empty: "No thread was there in this window." });
  }

  update(selection) {
    const length = selection.length("window"), beforeLength = selection.length("baseline");
    const rows = [];
    for (const thread of this.recording.threads) {
      const times = stateTimes(thread, selection.window), alive = times.reduce((sum, time) => sum + time, 0);
      if (alive <= 0) continue;
      const before = selection.hasBaseline ? stateTimes(thread, selection.baseline) : null;
      rows.push({
        thread,
        times,
        length,
        before,
        beforeLength,
        weight: sum(times, [0, 1]) * 100 + states.reduce((sum, _, state) => sum + (isBusy(state) ? times[state] : 0), 0)
      });
    }
    rows.sort((left, right) => right.weight - left.weight);
    this.table.show(rows);
  }
}

function sum(times, chosen) { return chosen.reduce((sum, state) => sum + times[state], 0); }
