import {states, ON_CPU, RUN_QUEUE} from "./states.js";
import {SeriesReader, totalOf} from "./series.js";

// Reads what PageData wrote: names, and a series for each.
export async function readRecording(base64) {
  const packed = decodeBase64(base64);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const recording = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  attachSeries(recording, new SeriesReader(bytes, 4 + length, recording.quantum));
  return recording;
}

function decodeBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let index = 0; index < raw.length; index++) bytes[index] = raw.charCodeAt(index);
  return bytes;
}

function attachSeries(recording, reader) {
  const bins = recording.binEnds.length;
  // Of all threads together, for the overview.
  recording.totals = states.map(() => new Float64Array(bins));
  const adding = state => {
    const sums = recording.totals[state];
    return (bin, value) => {
      sums[bin] += value;
    };
  };
  for (const thread of recording.threads) {
    thread.name = `${thread.comm}/${thread.tid}`;
    thread.processName = `${thread.process}/${thread.pid}`;
    thread.series =
        [[ON_CPU, reader.times(false, adding(ON_CPU))], [RUN_QUEUE, reader.times(false, adding(RUN_QUEUE))]];
  }
  for (const wait of recording.waits) {
    wait.series = reader.times(true, adding(wait.state));
    wait.lengths = reader.histograms();
    recording.threads[wait.thread].series.push([wait.state, wait.series]);
  }
  for (const occupant of recording.occupants) occupant.series = reader.times(false);
  for (const block of recording.block) {
    block.device_time = reader.times(true);
    block.queue_time = reader.times(false);
    block.bytes = reader.numbers();
  }
  for (const file of recording.pages) {
    for (const key of ["lookups", "misses", "readIn", "dirtied", "evicted"]) file[key] = reader.numbers();
  }
  const composition = recording.composition;
  if (composition) {
    composition.idle = reader.times(false);
    composition.pressed = reader.times(false);
    composition.units = reader.numbers();
    for (const cause of composition.causes) cause.series = reader.times(false);
  }
}

// Index of the bin that a time lies in, or of the nearest.
export function binAt(recording, ns) {
  let low = 0, high = recording.binEnds.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (recording.binEnds[middle] <= ns)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// The bin boundary that is nearest to a time, 0 to the number of bins.
export function boundaryNear(recording, ns) {
  const bin = binAt(recording, ns), begin = recording.binBegins[bin], end = recording.binEnds[bin];
  return ns - begin < end - ns ? bin : bin + 1;
}

export function beginOf(recording, bin) {
  return bin < recording.binBegins.length ? recording.binBegins[bin] : recording.binEnds[recording.binEnds.length - 1];
}

export function endOf(recording, boundary) {
  return boundary === 0 ? recording.binBegins[0] : recording.binEnds[boundary - 1];
}

export function lengthOf(recording, parts) {
  return parts.reduce((sum, [from, to]) => sum + Math.max(0, endOf(recording, to) - beginOf(recording, from)), 0);
}

// Time of a thread in each state.
export function stateTimes(thread, parts) {
  const times = new Float64Array(states.length);
  for (const [state, series] of thread.series) times[state] += totalOf(series, parts);
  return times;
}
