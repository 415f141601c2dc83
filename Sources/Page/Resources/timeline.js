import {states, colours, isBusy} from "./states.js";
import {stateTimes} from "./recording.js";
import {byID, element} from "./dom.js";
import {duration, percent} from "./units.js";
import {cellsOf, fillCells, LABELS, LANE, LanePainter, ROW} from "./lanes.js";
import {drawOverview, drawStretches} from "./overview.js";

// The overview of all threads, and a lane for each: only what is visible is drawn.
export class TimelineView {
  constructor(recording, selection) {
    Object.assign(this, { recording, selection });
    this.host = byID("timeline");
    this.overview = byID("overview");
    this.lanes = byID("lanes");
    this.canvas = byID("lanes-canvas");
    this.current = -1;
    this.sortThreads();
    byID("lanes-space").style.height = this.order.length * ROW + "px";
    this.lanes.style.height = Math.min(this.order.length, 18) * ROW + "px";
    this.readTheme();
    this.lanes.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.host);
    byID("legend").replaceChildren(
        ...states.map((state, index) => element("span", {}, [element("i", { class: "state-" + index }), state.name])));
  }

  // Threads that serve first, then those that do most beside waiting for work; threads of a process stay together.
  sortThreads() {
    const whole = [[0, this.recording.binEnds.length]], weights = new Map();
    const weighed = this.recording.threads.map((thread, index) => {
      const times = stateTimes(thread, whole);
      const busy = times.reduce((sum, time, state) => sum + (isBusy(state) ? time : 0), 0);
      const weight = times[0] + times[1] + busy * 0.01 + (thread.isEntry ? 1e15 : 0);
      weights.set(thread.pid, Math.max(weights.get(thread.pid) ?? 0, weight));
      return { index, thread, weight };
    });
    weighed.sort(
        (left, right) => weights.get(right.thread.pid) - weights.get(left.thread.pid) ||
            left.thread.pid - right.thread.pid || right.weight - left.weight || left.index - right.index);
    this.order = weighed.map(entry => entry.thread);
  }

  readTheme() {
    this.colours = colours();
    this.painter = new LanePainter(this.colours);
    this.draw();
  }

  get ratio() { return Math.min(2, window.devicePixelRatio || 1); }
  get plotWidth() { return Math.max(50, this.host.clientWidth - LABELS - 14); }

  // Several changes make one picture.
  draw() {
    if (this.isPending) return;
    this.isPending = true;
    requestAnimationFrame(() => {
      this.isPending = false;
      this.drawNow();
    });
  }

  drawNow() {
    const cells = cellsOf(this.recording, this.selection.view, Math.round(this.plotWidth * this.ratio));
    drawOverview(this, cells);
    this.drawLanes(cells);
  }

  // A context for CSS pixels, cleared.
  prepare(canvas, width, height) {
    const ratio = this.ratio;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = width + "px";
      canvas.style.height = height + "px";
    }
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    return context;
  }

  x(ns) {
    const [from, to] = this.selection.view;
    return LABELS + (ns - from) / (to - from) * this.plotWidth;
  }
  time(x) {
    const [from, to] = this.selection.view;
    return from + (x - LABELS) / this.plotWidth * (to - from);
  }

  drawLanes(cells) {
    const ratio = this.ratio, height = this.lanes.clientHeight, width = this.host.clientWidth;
    if (height === 0) return;
    const context = this.prepare(this.canvas, width - 14, height);
    const first = Math.floor(this.lanes.scrollTop / ROW), shift = this.lanes.scrollTop - first * ROW;
    const rows = this.order.slice(first, first + Math.ceil((height + shift) / ROW));
    const image =
        new ImageData(Math.max(1, Math.round(this.plotWidth * ratio)), Math.round((rows.length * ROW) * ratio));
    const pixels = new Uint32Array(image.data.buffer), times = new Float64Array(cells.length * states.length);
    rows.forEach((thread, index) => {
      fillCells(thread, cells, times);
      this.painter.paint(
          pixels, image.width, 0, Math.round((index * ROW + 2) * ratio), Math.round(LANE * ratio), cells, times,
          this.recording);
    });
    context.putImageData(image, Math.round(LABELS * ratio), Math.round(-shift * ratio));
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    rows.forEach((thread, index) => this.drawLabel(context, thread, first + index, index * ROW - shift));
    drawStretches(this, context, 0, height, false);
  }

  drawLabel(context, thread, row, top) {
    if (row === this.current) {
      context.fillStyle = this.colours.accent;
      context.fillRect(0, top + 2, 3, LANE);
    }
    const isFirst = row === 0 || this.order[row - 1].pid !== thread.pid;
    context.textBaseline = "alphabetic";
    context.font = (thread.isEntry ? "600 " : "") + "12px system-ui, sans-serif";
    context.fillStyle = this.colours.text;
    context.fillText(fitted(context, thread.comm, 104), 8, top + 14);
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = this.colours.quiet;
    context.fillText(String(thread.tid), 116, top + 14);
    if (isFirst && row > 0) {
      context.fillStyle = this.colours.line;
      context.fillRect(0, top, LABELS - 6, 1);
    }
    if (thread.isEntry) {
      context.fillStyle = this.colours.accent;
      context.fillText("serves", 154, top + 14);
    }
  }

  // What a thread did in the window, in words.
  describe(thread) {
    const times = stateTimes(thread, this.selection.window), length = this.selection.length("window");
    const parts = states.map((state, index) => [times[index], state.name])
                      .filter(part => part[0] / length >= 0.0005)
                      .sort((left, right) => right[0] - left[0]);
    return `${thread.name} of ${thread.processName}: ` +
        (parts.map(([time, name]) => `${name} ${percent(time / length)}`).join(", ") || "not there") +
        ` of ${duration(length)}`;
  }

  // Goes to a lane and scrolls it into view.
  select(row) {
    this.current = Math.max(0, Math.min(this.order.length - 1, row));
    const top = this.current * ROW;
    if (top < this.lanes.scrollTop) this.lanes.scrollTop = top;
    if (top + ROW > this.lanes.scrollTop + this.lanes.clientHeight)
      this.lanes.scrollTop = top + ROW - this.lanes.clientHeight;
    this.draw();
    return this.order[this.current];
  }
}

function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  while (text.length > 1 && context.measureText(text + "…").width > width) text = text.slice(0, -1);
  return text + "…";
}
