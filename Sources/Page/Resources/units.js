// Numbers as people read them; the same words as the text report.

export function duration(ns) {
  const value = Math.abs(ns), sign = ns < 0 ? "−" : "";
  if (value < 0.5) return "0";
  if (value < 999.5) return sign + Math.round(value) + " ns";
  if (value < 999500) return sign + digits(value / 1e3) + " µs";
  if (value < 999500000) return sign + digits(value / 1e6) + " ms";
  if (value < 600e9) return sign + digits(value / 1e9) + " s";
  const minutes = Math.round(value / 60e9);
  return sign +
      (minutes < 60 ? minutes + " min" :
                      Math.floor(minutes / 60) + " h " + String(minutes % 60).padStart(2, "0") + " min");
}

export function signedDuration(ns) { return (ns > 0 ? "+" : "") + duration(ns); }

function digits(value) {
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

// A share (0 to 1).
export function percent(share) {
  if (!(share > 0)) return "0 %";
  return share < 0.0005 ? "<0.1 %" : (share * 100).toFixed(1) + " %";
}

// A difference of shares, in percentage points.
export function points(difference) {
  if (Math.abs(difference) < 0.0005) return "±0";
  return (difference > 0 ? "+" : "−") + Math.abs(difference * 100).toFixed(1);
}

export function count(value) {
  if (value < 10000) return String(Math.round(value));
  if (value < 999500) return digits(value / 1e3) + "k";
  return value < 999500000 ? digits(value / 1e6) + "M" : digits(value / 1e9) + "G";
}

export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return (unit === 0 ? Math.round(value) : digits(value)) + " " + units[unit];
}

// A time of day, of nanoseconds after `origin` (milliseconds since the Unix epoch).
export function clock(origin, ns, fraction = false) {
  const date = new Date(origin + ns / 1e6);
  const two = (number, width = 2) => String(number).padStart(width, "0");
  const text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return fraction ? `${text}.${two(date.getMilliseconds(), 3)}` : text;
}

export function day(origin) {
  const date = new Date(origin);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${
      String(date.getDate()).padStart(2, "0")}`;
}
