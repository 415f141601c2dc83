import {isBusy, pixel, stacking} from "./states.js";
import {clock} from "./units.js";
import {AXIS, LABELS, OVERVIEW} from "./lanes.js";

// All threads together above the lanes, with the axis of time.
export function drawOverview(view, cells) {
  const width = view.host.clientWidth, ratio = view.ratio, context = view.prepare(view.overview, width, OVERVIEW);
  const height = Math.round((OVERVIEW - AXIS) * ratio), left = Math.round(LABELS * ratio);
  const shown = stacking.filter(isBusy), totals = view.recording.totals, quantum = view.recording.quantum;
  // Threads in each state, on average over the cell.
  const stacks = cells.map(([, , first, end]) => {
    const length = view.recording.binEnds[end - 1] - view.recording.binBegins[first];
    return shown.map(state => {
      let sum = 0;
      for (let bin = first; bin < end; bin++) sum += totals[state][bin];
      return length > 0 ? sum * quantum / length : 0;
    });
  });
  const highest = Math.max(1e-9, ...stacks.map(stack => stack.reduce((sum, value) => sum + value, 0)));
  const image = new ImageData(Math.max(1, Math.round(view.plotWidth * ratio)), height);
  const pixels = new Uint32Array(image.data.buffer);
  pixels.fill(pixel(view.colours.lane));
  cells.forEach(([from, to], cell) => {
    let bottom = height, sum = 0;
    shown.forEach((state, index) => {
      sum += stacks[cell][index];
      const top = Math.max(0, height - Math.round(sum / highest * height));
      for (let line = top; line < bottom; line++)
        pixels.fill(view.painter.pixels[state], line * image.width + from, line * image.width + to);
      bottom = Math.min(bottom, top);
    });
  });
  context.putImageData(image, left, Math.round(AXIS * ratio));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawAxis(view, context);
  context.fillStyle = view.colours.text;
  context.font = "600 12px system-ui, sans-serif";
  context.fillText("All threads", 4, AXIS + 16);
  context.fillStyle = view.colours.quiet;
  context.font = "11px system-ui, sans-serif";
  context.fillText(
      `at work or held up: up to ${
          highest < 0.1    ? "<0.1" :
              highest < 10 ? highest.toFixed(1) :
                             Math.round(highest)}`,
      4, AXIS + 32);
  drawStretches(view, context, AXIS, OVERVIEW, true);
}

function drawAxis(view, context) {
  const [from, to] = view.selection.view, length = to - from;
  const steps = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400
  ];
  const step = 1e9 * (steps.find(step => step * 1e9 / length * view.plotWidth > 92) ?? 86400);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "alphabetic";
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) {
    const x = view.x(tick);
    context.fillStyle = view.colours.line;
    context.fillRect(x, AXIS - 5, 1, 5);
    context.fillStyle = view.colours.quiet;
    const text = `${clock(view.recording.origin, tick, step < 1e9)}`;
    const wide = context.measureText(text).width;
    context.fillText(text, Math.min(x + 3, LABELS + view.plotWidth - wide), AXIS - 8);
  }
}

// Window and baseline over what was drawn; what is outside of both is shaded.
export function drawStretches(view, context, top, bottom, hasHandles) {
  const right = LABELS + view.plotWidth;
  const clip = x => Math.max(LABELS, Math.min(right, x));
  context.save();
  context.beginPath();
  context.rect(LABELS, top, view.plotWidth, bottom - top);
  context.clip();
  const spans = [];
  for (const which of ["baseline", "window"]) {
    for (const [from, to] of view.selection[which]) {
      const begin = view.x(view.recording.binBegins[from]), end = view.x(view.recording.binEnds[to - 1]);
      spans.push([clip(begin), clip(end)]);
      context.fillStyle = view.colours[which];
      context.globalAlpha = hasHandles ? 0.08 : 0.05;
      context.fillRect(begin, top, end - begin, bottom - top);
      context.globalAlpha = 1;
      context.fillRect(begin - 1, top, 2, bottom - top);
      context.fillRect(end - 1, top, 2, bottom - top);
      if (hasHandles) context.fillRect(begin, top, end - begin, 4);
    }
  }
  spans.sort((left, right) => left[0] - right[0]);
  context.fillStyle = view.colours.shade;
  let at = LABELS;
  for (const [begin, end] of [...spans, [right, right]]) {
    if (begin > at) context.fillRect(at, top, begin - at, bottom - top);
    at = Math.max(at, end);
  }
  context.restore();
}
