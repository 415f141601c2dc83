// Series of bins: sparse, with running sums, so that a sum over any bins takes two searches.

export class SeriesReader {
  constructor(bytes, offset, quantum) {
    this.bytes = bytes;
    this.offset = offset;
    this.quantum = quantum;
  }

  number() {
    const bytes = this.bytes;
    let byte = bytes[this.offset++], value = byte & 0x7f, scale = 128;
    while (byte & 0x80) {
      byte = bytes[this.offset++];
      value += (byte & 0x7f) * scale;
      scale *= 128;
    }
    return value;
  }

  // Times come in quanta; `each` is told of every entry.
  times(hasCounts, each) { return this.series(Uint32Array, this.quantum, hasCounts, each); }

  numbers() { return this.series(Float64Array, 1, false); }

  series(Sums, scale, hasCounts, each) {
    const length = this.number();
    const bins = new Uint32Array(length), sums = new Sums(length + 1);
    const counts = hasCounts ? new Float64Array(length + 1) : null;
    let bin = 0, sum = 0, counted = 0;
    for (let index = 0; index < length; index++) {
      bin += this.number();
      const value = this.number();
      sum += value;
      bins[index] = bin;
      sums[index + 1] = sum;
      if (counts) {
        counted += this.number();
        counts[index + 1] = counted;
      }
      if (each) each(bin, value);
    }
    return { bins, sums, counts, scale };
  }

  // Histograms by stretches of bins: [{stretch, counts}].
  histograms() {
    const length = this.number(), found = new Array(length);
    for (let index = 0; index < length; index++) {
      const stretch = this.number(), counts = new Array(this.number());
      for (let slot = 0; slot < counts.length; slot++) counts[slot] = this.number();
      found[index] = { stretch, counts };
    }
    return found;
  }
}

// Index of the first entry whose bin is `bin` or later.
export function place(series, bin) {
  const bins = series.bins;
  let low = 0, high = bins.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bins[middle] < bin)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

export function total(series, from, to) {
  return (series.sums[place(series, to)] - series.sums[place(series, from)]) * series.scale;
}

export function counted(series, from, to) {
  return series.counts[place(series, to)] - series.counts[place(series, from)];
}

// Sums over the parts of a stretch, [[from, to], ...] in bins.
export function totalOf(series, parts) { return parts.reduce((sum, [from, to]) => sum + total(series, from, to), 0); }
export function countOf(series, parts) { return parts.reduce((sum, [from, to]) => sum + counted(series, from, to), 0); }
