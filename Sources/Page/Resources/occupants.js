import {totalOf} from "./series.js";
import {shareBar} from "./dom.js";
import {SortableTable} from "./table.js";
import {duration, percent} from "./units.js";

// Who had the CPU while a thread was in the run queue.
export class OccupantsView {
  constructor(recording, host) {
    this.recording = recording;
    this.table = new SortableTable(
        host, "Run-queue time in the window by who had the CPU",
        [
          { title: "Thread", text: row => row.thread.name, value: row => row.thread.name },
          { title: "Waited for a CPU that … had", text: row => row.who, value: row => row.who, class: "name" },
          { title: "Total", right: true, text: row => duration(row.time), value: row => row.time },
          {
            title: "Share of its run queue",
            right: true,
            text: row => percent(row.time / row.whole),
            value: row => row.time / row.whole
          },
          { title: "", node: row => shareBar(row.time / row.whole, "state-1"), class: "wide" },
          {
            title: "Baseline",
            right: true,
            hint: "the same in as much time",
            text: row => row.before === null ? "" : duration(row.before),
            value: row => row.before ?? 0
          },
        ],
        { rows: 10, empty: "No thread waited for a CPU in this window." });
  }

  update(selection) {
    const scale = selection.hasBaseline ? selection.length("window") / Math.max(1, selection.length("baseline")) : 0;
    const wholes = new Map();
    const rows = this.recording.occupants
                     .map(occupant => {
                       const time = totalOf(occupant.series, selection.window);
                       wholes.set(occupant.thread, (wholes.get(occupant.thread) ?? 0) + time);
                       return {
                         occupant,
                         thread: this.recording.threads[occupant.thread],
                         who: occupant.who,
                         time,
                         before: selection.hasBaseline ? totalOf(occupant.series, selection.baseline) * scale : null
                       };
                     })
                     .filter(row => row.time > 0);
    for (const row of rows) row.whole = wholes.get(row.occupant.thread);
    this.table.show(rows.sort((left, right) => right.time - left.time));
  }
}
