// Elements.  Names of a recording are only ever text: nothing here takes HTML.

export function element(name, properties = {}, children = []) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class")
      node.className = value;
    else if (key === "on")
      for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (key in node && typeof value !== "string")
      node[key] = value;
    else
      node.setAttribute(key, value);
  }
  node.append(...[children].flat().filter(child => child !== null && child !== undefined));
  return node;
}

export function svg(name, attributes = {}, children = []) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function byID(id) { return document.getElementById(id); }

// A bar of shares in the colours of states; `times` by state.
export function stateBar(times, whole, order) {
  const bar = element("div", { class: "bar", "aria-hidden": "true" });
  for (const state of order) {
    if (!(times[state] > 0) || !(whole > 0)) continue;
    const part = element("span", { class: "state-" + state });
    part.style.width = Math.min(100, times[state] / whole * 100) + "%";
    bar.append(part);
  }
  return bar;
}

// A bar of one share.
export function shareBar(share, kind = "") {
  const fill = element("span", { class: kind });
  fill.style.width = Math.max(0, Math.min(100, share * 100)) + "%";
  return element("div", { class: "bar thin", "aria-hidden": "true" }, fill);
}

// The first and last slot of some histograms that is not empty; null if all are.
export function slotRange(histograms) {
  let first = Infinity, last = -1;
  for (const counts of histograms) {
    counts.forEach((value, slot) => {
      if (value > 0) {
        first = Math.min(first, slot);
        last = Math.max(last, slot);
      }
    });
  }
  return last < 0 ? null : [first, last];
}

// Counts of powers of two as columns, over a range of slots that a table's rows have in common.
export function histogramDrawing(counts, range) {
  if (!range || !counts.some(value => value > 0)) return element("span", { class: "quiet" }, "–");
  const [first, last] = range, highest = Math.max(...counts), columns = last - first + 1;
  const drawing =
      svg("svg", { class: "histogram", viewBox: `0 0 ${columns * 5} 16`, width: columns * 5, height: 16, role: "img" });
  drawing.append(svg("title", {}, [told(counts)]));
  drawing.append(svg("line", { x1: 0, x2: columns * 5, y1: 15.5, y2: 15.5 }));
  for (let slot = first; slot <= Math.min(last, counts.length - 1); slot++) {
    // Square roots keep rare long durations visible beside frequent short ones.
    const height = counts[slot] === 0 ? 0 : Math.max(1, Math.sqrt(counts[slot] / highest) * 16);
    drawing.append(svg("rect", { x: (slot - first) * 5, y: 16 - height, width: 4, height }));
  }
  return drawing;
}

// What a histogram shows, in words.
function told(counts) {
  return counts.map((value, slot) => value > 0 ? `${value} from ${slotStart(slot)}` : "").filter(Boolean).join(", ");
}

// The shortest duration of a slot, as text: 0, 256 ns, 512 ns, ...
function slotStart(slot) {
  const ns = slot === 0 ? 0 : 2 ** (7 + slot);
  return ns < 1e3 ? ns + " ns" :
      ns < 1e6    ? (ns / 1e3).toFixed(1) + " µs" :
      ns < 1e9    ? (ns / 1e6).toFixed(1) + " ms" :
                    (ns / 1e9).toFixed(1) + " s";
}

// Upper bound in ns of the slot that holds this share of the durations; null without any.
export function quantileBound(counts, share) {
  const whole = counts.reduce((sum, value) => sum + value, 0);
  if (whole === 0) return null;
  let sum = 0;
  for (let slot = 0; slot < counts.length; slot++) {
    sum += counts[slot];
    if (sum >= whole * share) return 2 ** (8 + slot);
  }
  return null;
}
