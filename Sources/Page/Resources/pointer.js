import {binAt, boundaryNear, stateTimes} from "./recording.js";
import {states, stacking} from "./states.js";
import {byID, element} from "./dom.js";
import {clock, duration, percent} from "./units.js";
import {LABELS, ROW} from "./lanes.js";

// Dragging, wheel and keys on the timeline.
export class TimelineInput {
  constructor(view, selection, announce) {
    Object.assign(this, { view, selection, announce });
    this.dragged = "window";
    this.tip = byID("tip");
    const host = view.host;
    for (const surface of [view.overview, view.canvas]) {
      surface.addEventListener("pointerdown", event => this.begin(event, surface));
      surface.addEventListener("pointermove", event => this.move(event, surface));
      surface.addEventListener("pointerup", event => this.end(event));
      surface.addEventListener("pointercancel", event => this.end(event));
      surface.addEventListener("pointerleave", () => {
        this.tip.hidden = true;
      });
      surface.addEventListener("dblclick", () => selection.showAll());
    }
    host.addEventListener("wheel", event => this.wheel(event), { passive: false });
    host.addEventListener("keydown", event => this.key(event));
  }

  x(event) { return event.clientX - this.view.host.getBoundingClientRect().left - this.view.host.clientLeft; }
  boundary(event) { return boundaryNear(this.selection.recording, this.view.time(this.x(event))); }

  begin(event, surface) {
    if (event.button !== 0 || this.x(event) < LABELS) return;
    const other = this.dragged === "window" ? "baseline" : "window";
    this.drag = { which: event.shiftKey ? other : this.dragged, from: this.boundary(event), x: this.x(event) };
    surface.setPointerCapture(event.pointerId);
    this.tip.hidden = true;
  }

  move(event, surface) {
    if (!this.drag) return this.hover(event, surface);
    if (Math.abs(this.x(event) - this.drag.x) < 3) return;
    this.drag.hasMoved = true;
    this.selection.choose(this.drag.which, this.drag.from, this.boundary(event));
  }

  end(event) {
    const drag = this.drag;
    this.drag = null;
    if (!drag) return;
    // A click alone chooses one step.
    if (!drag.hasMoved) {
      const bin = binAt(this.selection.recording, this.view.time(this.x(event)));
      this.selection.choose(drag.which, bin, bin + 1);
    }
    this.announce(drag.which);
  }

  wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.selection.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 150), this.view.time(this.x(event)));
    } else if (event.deltaX !== 0 && Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      const [from, to] = this.selection.view, by = event.deltaX / this.view.plotWidth * (to - from);
      this.selection.show(from + by, to + by);
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey) return;
    const which = event.altKey ? "baseline" : "window", by = event.key === "ArrowLeft" ? -1 : 1;
    const size = this.selection.view,
          bins = Math.max(
              1,
              Math.round(
                  (size[1] - size[0]) / (this.selection.last - this.selection.first) * this.selection.bins / 100));
    switch (event.key) {
      case "ArrowLeft":
      case "ArrowRight":
        this.selection.move(which, by * bins, event.shiftKey);
        this.announce(which);
        break;
      case "ArrowUp":
      case "ArrowDown":
        this.announce(
            null, this.view.describe(this.view.select(this.view.current + (event.key === "ArrowUp" ? -1 : 1))));
        break;
      case "+":
      case "=":
        this.selection.zoom(0.5, this.middle());
        break;
      case "-":
        this.selection.zoom(2, this.middle());
        break;
      case "0":
        this.selection.showAll();
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  middle() { return (this.selection.from("window") + this.selection.to("window")) / 2; }

  hover(event, surface) {
    const x = this.x(event), view = this.view;
    if (surface !== view.canvas || x < LABELS) {
      this.tip.hidden = true;
      return;
    }
    const top = event.clientY - view.lanes.getBoundingClientRect().top;
    const thread = view.order[Math.floor((top + view.lanes.scrollTop) / ROW)];
    if (!thread) {
      this.tip.hidden = true;
      return;
    }
    const recording = this.selection.recording, time = view.time(x),
          step = (this.selection.view[1] - this.selection.view[0]) / view.plotWidth;
    const from = binAt(recording, time - step / 2), to = Math.max(from + 1, binAt(recording, time + step / 2));
    const times = stateTimes(thread, [[from, to]]), length = recording.binEnds[to - 1] - recording.binBegins[from];
    this.tip.replaceChildren(
        element("strong", {}, thread.name), ` ${thread.processName}`, element("br"),
        `${clock(recording.origin, recording.binBegins[from], true)}, ${duration(length)}`,
        ...stacking.filter(state => times[state] / length >= 0.0005)
            .map(state => element("div", {}, [
                   element("i", { class: "state-" + state }), ` ${states[state].name} ${percent(times[state] / length)}`
                 ])));
    this.tip.hidden = false;
    const left = Math.min(x + 14, view.host.clientWidth - this.tip.offsetWidth - 8);
    this.tip.style.left = left + "px";
    this.tip.style.top = event.clientY - view.host.getBoundingClientRect().top + 16 + "px";
  }
}
