import {states, stacking, pixel} from "./states.js";
import {place} from "./series.js";

// Where things are, in CSS pixels: width of the labels, heights of a row, of the lane in it, of the axis, and of the overview.
export const LABELS = 190, ROW = 20, LANE = 16, AXIS = 22, OVERVIEW = 84;

// Cells of a stretch of time: as many as there are pixels, or fewer where bins are wider than that.
export function cellsOf(recording, view, width) {
  const begins = recording.binBegins, ends = recording.binEnds;
  const edges = [];
  const length = view[1] - view[0];
  let bin = firstBin(ends, view[0]);
  // Each cell is [first pixel, end pixel, first bin, end bin].
  while (bin < begins.length && begins[bin] < view[1]) {
    const from = Math.max(0, Math.floor((begins[bin] - view[0]) / length * width));
    let next = bin + 1;
    let to = Math.min(width, Math.round((ends[bin] - view[0]) / length * width));
    while (to <= from && next < begins.length) {
      to = Math.min(width, Math.round((ends[next] - view[0]) / length * width));
      next++;
    }
    if (to > from) edges.push([from, to, bin, next]);
    bin = next;
  }
  return edges;
}

function firstBin(ends, time) {
  let low = 0, high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] <= time)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// Times of one thread by cell and state, into `times` (cells x states).
export function fillCells(thread, cells, times) {
  times.fill(0);
  for (const [state, series] of thread.series) {
    const { bins, sums, scale } = series;
    let entry = cells.length ? place(series, cells[0][2]) : 0;
    for (let cell = 0; cell < cells.length && entry < bins.length; cell++) {
      const end = cells[cell][3], begin = entry;
      if (bins[entry] >= end) continue;
      // Over long cells a search is faster than a walk.
      if (end - cells[cell][2] > 32)
        entry = place(series, end);
      else
        while (entry < bins.length && bins[entry] < end) entry++;
      times[cell * states.length + state] += (sums[entry] - sums[begin]) * scale;
    }
  }
}

// Pixels of lanes: every column a stack of the thread's states.
export class LanePainter {
  constructor(colours) {
    this.pixels = colours.states.map(pixel);
    this.empty = pixel(colours.lane);
  }

  // Draws into `target` (a Uint32Array of `stride` pixels a line), from line `top` on, `height` lines high.
  paint(target, stride, left, top, height, cells, times, recording) {
    for (let cell = 0; cell < cells.length; cell++) {
      const [from, to, first, end] = cells[cell];
      const whole = recording.binEnds[end - 1] - recording.binBegins[first];
      let bottom = height, sum = 0;
      for (const state of stacking) {
        const time = times[cell * states.length + state];
        if (time <= 0) continue;
        sum += time;
        const upTo = Math.max(0, height - Math.round(sum / whole * height));
        // What is there at all shows, if only by one line.
        const ceiling = upTo === bottom && time / whole > 0.002 && bottom > 0 ? bottom - 1 : upTo;
        const colour = this.pixels[state];
        for (let line = ceiling; line < bottom; line++)
          target.fill(colour, (top + line) * stride + left + from, (top + line) * stride + left + to);
        bottom = Math.min(bottom, ceiling);
      }
      for (let line = 0; line < bottom; line++)
        target.fill(this.empty, (top + line) * stride + left + from, (top + line) * stride + left + to);
    }
  }
}
