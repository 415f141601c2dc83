import {beginOf, endOf} from "./recording.js";
import {totalOf} from "./series.js";
import {element, shareBar} from "./dom.js";
import {SortableTable} from "./table.js";
import {count, duration, percent, signedDuration} from "./units.js";

// What the service time of the window went to, beside that of the baseline.
export class CompositionView {
  constructor(recording, host) {
    this.recording = recording;
    this.composition = recording.composition;
    this.text = element("p", { class: "lead", id: "composition-lead" });
    this.bars = element("div", { class: "compared" });
    const table = element("div");
    host.replaceChildren(this.text, this.bars, table);
    if (!this.composition) {
      this.text.textContent = "Without intervals there is nothing to sum up.";
      return;
    }
    const verdict = recording.verdict, chosen = verdict?.cause === undefined ? null : verdict.causes[verdict.cause].id;
    this.table = new SortableTable(
        table, "Service time of the window by cause",
        [
          {
            title: "Cause",
            node: row => [row.cause.id === chosen ?
                              element("span", { class: "mark", title: "the tool’s verdict" }, "► ") :
                              null,
                          row.cause.class.replaceAll("_", " ")]
                             .filter(Boolean),
            value: row => row.cause.class
          },
          { title: "Via", text: row => row.cause.via },
          { title: "Who or what", text: row => row.cause.who, class: "name" },
          { title: "Share", right: true, text: row => percent(row.share), value: row => row.share },
          { title: "", node: row => shareBar(row.share, row.cause.id === chosen ? "strong" : ""), class: "wide" },
          {
            title: "Baseline",
            right: true,
            text: row => row.before === null ? "" : percent(row.before),
            value: row => row.before ?? 0
          },
          {
            title: "Each piece",
            right: true,
            text: row => row.each === null ? "" : duration(row.each),
            value: row => row.each ?? 0,
            hint: "time in this cause for each piece of work"
          },
          {
            title: "Added",
            right: true,
            text: row => row.added === null ? "" : signedDuration(row.added),
            value: row => row.added ?? 0,
            hint: "more for each piece of work than in the baseline"
          },
          { title: "Time", right: true, text: row => duration(row.time), value: row => row.time },
        ],
        {
          rows: 10,
          empty: "No service time was seen in this window.",
          rowClass: row => row.cause.id === chosen ? "chosen" : ""
        });
  }

  // Bins of the composition that parts of the timeline stand for: the nearest, as `diagnose` takes them.
  parts(parts) {
    const { start, width, bins } = this.composition;
    const nearest = ns => Math.max(0, Math.min(bins, Math.round((ns - start) / width)));
    return parts.map(([from, to]) => {
      const low = from === 0 ? 0 : Math.min(bins - 1, nearest(beginOf(this.recording, from)));
      return [low, to === this.recording.binEnds.length ? bins : Math.max(low + 1, nearest(endOf(this.recording, to)))];
    });
  }

  sums(parts) {
    const own = this.parts(parts), causes = this.composition.causes;
    const times = causes.map(cause => totalOf(cause.series, own));
    return {
      times,
      service: times.reduce((sum, time) => sum + time, 0),
      idle: totalOf(this.composition.idle, own),
      pressed: totalOf(this.composition.pressed, own),
      units: totalOf(this.composition.units, own)
    };
  }

  update(selection) {
    if (!this.composition) return;
    const window = this.sums(selection.window);
    const baseline = selection.hasBaseline ? this.sums(selection.baseline) : null;
    const canCompare = baseline && window.units > 0 && baseline.units > 0;
    const rows =
        this.composition.causes
            .map((cause, index) => ({
                   cause,
                   time: window.times[index],
                   share: window.service ? window.times[index] / window.service : 0,
                   before: baseline ? (baseline.service ? baseline.times[index] / baseline.service : 0) : null,
                   each: window.units ? window.times[index] / window.units : null,
                   added: canCompare ? window.times[index] / window.units - baseline.times[index] / baseline.units :
                                       null,
                 }))
            .filter(row => row.time > 0 || row.added !== null && row.added !== 0);
    rows.sort((left, right) => canCompare ? right.added - left.added : right.time - left.time);
    this.text.textContent = this.sentence(window, baseline);
    this.bars.replaceChildren(
        ...[["Window", window], ["Baseline", baseline]].filter(pair => pair[1]).map(pair => this.bar(...pair, rows)));
    this.table.show(rows);
  }

  sentence(window, baseline) {
    const each = sums => sums.units ? sums.service / sums.units : null;
    if (window.service + window.idle === 0) return "No second of this window was seen whole: choose a longer one.";
    let text = `While they served, threads were busy for ${
        percent(window.service ? window.pressed / window.service : 0)} of the time`;
    if (window.units) text += `, with ${count(window.units)} pieces of work of ${duration(each(window))} each`;
    if (baseline && each(window) !== null && each(baseline)) {
      text += `: ${(each(window) / each(baseline)).toFixed(1)} times as long as in the baseline (${
          duration(each(baseline))})`;
    }
    return text + ".";
  }

  // One stacked bar; causes have the same tone in both.
  bar(name, sums, rows) {
    const bar = element("div", { class: "bar stacked", "aria-hidden": "true" });
    rows.slice(0, 8).forEach((row, index) => {
      const time = sums.times[this.composition.causes.indexOf(row.cause)];
      if (!time) return;
      const part =
          element("span", { class: "tone-" + index, title: `${row.cause.sentence}: ${percent(time / sums.service)}` });
      part.style.width = time / sums.service * 100 + "%";
      if (time / sums.service > 0.12)
        part.textContent = `${row.cause.class.replaceAll("_", " ")} ${Math.round(time / sums.service * 100)} %`;
      bar.append(part);
    });
    return element("div", { class: "compared-row" }, [element("span", {}, name), bar]);
  }
}
