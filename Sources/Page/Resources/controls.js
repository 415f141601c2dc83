import {byID} from "./dom.js";
import {clock, duration} from "./units.js";

// Fields and buttons for window and baseline: everything that dragging does.
export class Controls {
  constructor(recording, selection, input) {
    Object.assign(this, { recording, selection, input });
    for (const which of ["window", "baseline"]) {
      for (const end of ["from", "to"]) byID(`${which}-${end}`).addEventListener("change", () => this.read(which));
    }
    for (const radio of document.getElementsByName("drag"))
      radio.addEventListener("change", () => {
        input.dragged = radio.value;
      });
    const buttons = {
      "choose-verdict": () => selection.chooseVerdict(),
      "choose-all": () => selection.chooseAll(),
      "clear-baseline": () => selection.clearBaseline(),
      "zoom-window": () => selection.showWindow(),
      "zoom-all": () => selection.showAll(),
    };
    for (const [id, action] of Object.entries(buttons))
      byID(id).addEventListener("click", () => {
        action();
        this.announce("window");
      });
    byID("choose-verdict").hidden = !recording.verdict;
    byID("print").addEventListener("click", () => window.print());
  }

  // Both ends, in seconds from the beginning of the recording; one alone changes nothing yet.
  read(which) {
    const from = byID(`${which}-from`).valueAsNumber, to = byID(`${which}-to`).valueAsNumber;
    if (!Number.isFinite(from) || !Number.isFinite(to)) return;
    this.selection.chooseTimes(which, [[Math.min(from, to) * 1e9, Math.max(from, to) * 1e9]]);
    this.announce(which);
  }

  update() {
    for (const which of ["window", "baseline"]) {
      const has = this.selection[which].length > 0;
      const times = has ? [this.selection.from(which), this.selection.to(which)] : null;
      ["from", "to"].forEach((end, index) => {
        const field = byID(`${which}-${end}`);
        if (document.activeElement !== field)
          field.value = times ? (times[index] / 1e9).toFixed(2).replace(/\.?0+$/, "") : "";
      });
      byID(`${which}-clock`).textContent = this.text(which);
    }
    byID("clear-baseline").disabled = !this.selection.hasBaseline;
  }

  text(which) {
    if (!this.selection[which].length) return "none";
    const parts = this.selection[which].length > 1 ? ` in ${this.selection[which].length} parts` : "";
    return `${clock(this.recording.origin, this.selection.from(which))} – ${
        clock(this.recording.origin, this.selection.to(which))}, ${duration(this.selection.length(which))}${parts}`;
  }

  // Says what changed to who cannot see it.
  announce(which, text) {
    byID("announcement").textContent = text ?? `${which === "window" ? "Window" : "Baseline"}: ${this.text(which)}`;
  }
}

// Light, dark, or as the system has it.  The choice lasts as long as the page: a file has no place of its own for it.
export function themeButton(changed) {
  const button = byID("theme"), themes = ["system", "light", "dark"];
  let index = 0;
  button.addEventListener("click", () => {
    index = (index + 1) % themes.length;
    button.textContent = "Theme: " + themes[index];
    if (themes[index] === "system")
      delete document.documentElement.dataset.theme;
    else
      document.documentElement.dataset.theme = themes[index];
    changed();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}
