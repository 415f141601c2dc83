import {boundaryNear, beginOf, endOf, lengthOf} from "./recording.js";

// What the user looks at: the window, the baseline (parts of bins, or none), and the part of the time that is shown.
export class Selection {
  constructor(recording) {
    this.recording = recording;
    this.bins = recording.binEnds.length;
    this.first = recording.binBegins[0];
    this.last = recording.binEnds[this.bins - 1];
    this.view = [this.first, this.last];
    this.window = [[0, this.bins]];
    this.baseline = [];
    this.listeners = [];
    this.viewListeners = [];
    this.isPending = false;
  }

  onChange(listener) { this.listeners.push(listener); }
  onView(listener) { this.viewListeners.push(listener); }

  // Tells everybody, at most once for each picture.
  changed() {
    for (const listener of this.viewListeners) listener();
    if (this.isPending) return;
    this.isPending = true;
    requestAnimationFrame(() => {
      this.isPending = false;
      for (const listener of this.listeners) listener();
    });
  }

  // `which` is "window" or "baseline"; boundaries of bins in any order.
  choose(which, one, other) {
    const low = Math.max(0, Math.min(one, other, this.bins - 1));
    const high = Math.min(this.bins, Math.max(one, other, low + 1));
    this[which] = [[low, high]];
    this.changed();
  }

  chooseTimes(which, parts) {
    this[which] = parts.map(([from, to]) => {
      const low = Math.min(this.bins - 1, boundaryNear(this.recording, from));
      return [low, Math.max(low + 1, boundaryNear(this.recording, to))];
    });
    this.changed();
  }

  chooseVerdict() {
    const verdict = this.recording.verdict;
    if (!verdict) return this.chooseAll();
    this.window = [];
    this.chooseTimes("window", verdict.window.parts);
    this.chooseTimes("baseline", verdict.baseline ? verdict.baseline.parts : []);
  }

  chooseAll() {
    this.window = [[0, this.bins]];
    this.baseline = [];
    this.changed();
  }
  clearBaseline() {
    this.baseline = [];
    this.changed();
  }

  // Moves a stretch, or its end alone, by bins.
  move(which, by, endOnly) {
    const parts = this[which].length ? this[which] : [[0, Math.max(1, this.bins >> 2)]];
    const from = parts[0][0], to = parts[parts.length - 1][1];
    if (endOnly) return this.choose(which, from, Math.max(from + 1, Math.min(this.bins, to + by)));
    const step = Math.max(-from, Math.min(this.bins - to, by));
    this.choose(which, from + step, to + step);
  }

  from(which) { return beginOf(this.recording, this[which][0][0]); }
  to(which) {
    const parts = this[which];
    return endOf(this.recording, parts[parts.length - 1][1]);
  }
  length(which) { return lengthOf(this.recording, this[which]); }
  get hasBaseline() { return this.baseline.length > 0; }

  // Shows the stretch of time, which is kept within the recording.
  show(from, to) {
    const least = Math.min(this.last - this.first, (this.last - this.first) / this.bins * 4);
    let length = Math.min(this.last - this.first, Math.max(least, to - from));
    let begin = Math.max(this.first, Math.min(this.last - length, from));
    this.view = [begin, begin + length];
    for (const listener of this.viewListeners) listener();
  }

  zoom(factor, around) {
    const [from, to] = this.view, middle = around ?? (from + to) / 2;
    this.show(middle - (middle - from) * factor, middle + (to - middle) * factor);
  }

  showAll() { this.show(this.first, this.last); }

  showWindow() {
    const from = this.from("window"), to = this.to("window"), margin = (to - from) * 0.1;
    this.show(from - margin, to + margin);
  }
}
