import {states, EVENT, SLEEP} from "./states.js";
import {totalOf, countOf} from "./series.js";
import {byID, element, svg} from "./dom.js";
import {count, duration, percent} from "./units.js";
import {curve, layOut, LOOP, NODE_WIDTH} from "./layout.js";

const MOST_EDGES = 24;

// Who waits for whom in the window, as a drawing: an edge leads from who waits to who ended the waits, as wide as its time.
export class GraphView {
  constructor(recording, host, selection) {
    Object.assign(this, { recording, host, selection });
    this.grain = byID("graph-grain");
    this.sleep = byID("graph-sleep");
    for (const control of [this.grain, this.sleep])
      control.addEventListener("change", () => this.update(this.selection()));
    // Where a process mostly waits for itself, only its threads tell anything.
    this.grain.value = "process";
    const most = this.edges({ window: [[0, recording.binEnds.length]] })[0];
    if (most && most.from === most.to) this.grain.value = "thread";
  }

  update(selection) {
    const edges = this.edges(selection), whole = edges.reduce((sum, edge) => sum + edge.time, 0);
    const shown = edges.slice(0, MOST_EDGES).filter(edge => edge.time > whole * 0.002);
    if (!shown.length) {
      this.host.replaceChildren(element("p", { class: "quiet" }, "Nobody waited for anybody in this window."));
      return;
    }
    const nodes = layOut(shown);
    const left = whole - shown.reduce((sum, edge) => sum + edge.time, 0);
    const note = edges.length > shown.length ?
        `${edges.length - shown.length} more edges with ${percent(left / whole)} of the time are not drawn.` :
        "";
    this.host.replaceChildren(
        element(
            "div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Wait-for graph" },
            this.drawing(nodes, shown, whole)),
        element(
            "p", { class: "quiet" }, `From who waits to who ended the waits; ${duration(whole)} together. ${note}`));
  }

  // Waits summed by who waits, who ended them, and what kind they are; the longest first.
  edges(selection) {
    const edges = new Map(), byThread = this.grain.value === "thread";
    for (const wait of this.recording.waits) {
      if (wait.isIdle || !this.sleep.checked && isPause(wait)) continue;
      const time = totalOf(wait.series, selection.window);
      if (time <= 0) continue;
      const thread = this.recording.threads[wait.thread];
      const from = byThread ? thread.name : thread.processName,
            to = wait.wakerPid && byThread ? wait.waker : wait.ender;
      const key = `${from}\n${to}\n${wait.state}`;
      let edge = edges.get(key);
      if (!edge)
        edges.set(key, edge = {
          from,
          to,
          state: wait.state,
          time: 0,
          count: 0,
          subjects: new Map(),
          isEntry: false,
          isThread: Boolean(wait.wakerPid)
        });
      edge.time += time;
      edge.count += countOf(wait.series, selection.window);
      edge.isEntry ||= thread.isEntry;
      edge.subjects.set(wait.subject, (edge.subjects.get(wait.subject) ?? 0) + time);
    }
    return [...edges.values()].sort((left, right) => right.time - left.time);
  }

  drawing(nodes, edges, whole) {
    const width = Math.max(...[...nodes.values()].map(node => node.x)) + NODE_WIDTH + 320;
    const height = Math.max(...[...nodes.values()].map(node => node.y + node.height + node.loops * LOOP)) + 16;
    const text = edges.slice(0, 5)
                     .map(edge => `${edge.from} waits ${duration(edge.time)} for ${edge.to}, ${mainSubject(edge)}`)
                     .join("; ");
    const drawing = svg(
        "svg",
        { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": `Wait-for graph. ${text}.` });
    drawing.append(
        svg("defs", {},
            states.map(
                (_, state) =>
                    svg("marker", {
                      id: "arrow-" + state,
                      viewBox: "0 0 10 10",
                      refX: 9,
                      refY: 5,
                      markerWidth: 11,
                      markerHeight: 11,
                      markerUnits: "userSpaceOnUse",
                      orient: "auto"
                    },
                        [svg("path", { d: "M0 0L10 5L0 10z", class: "fill-" + state })]))));
    const labels = [];
    for (const edge of [...edges].reverse()) {
      const shape = curve(edge, nodes);
      drawing.append(
          svg("path", {
            d: shape.path,
            class: `edge stroke-${edge.state}`,
            "stroke-width": edge.width,
            "marker-end": `url(#arrow-${edge.state})`
          },
              [svg("title", {}, [edgeText(edge, whole)])]));
      if (edge.time > whole * 0.02) labels.push(label(edge, shape));
    }
    for (const node of nodes.values()) drawing.append(box(node));
    drawing.append(...labels);
    return drawing;
  }
}

// Nobody is needed to end these.
function isPause(wait) {
  return wait.state === SLEEP || wait.ender === "timer" || wait.ender === "not ended" && wait.state === EVENT;
}

function mainSubject(edge) { return [...edge.subjects].sort((left, right) => right[1] - left[1])[0][0]; }

function edgeText(edge, whole) {
  const subjects =
      [...edge.subjects].sort((left, right) => right[1] - left[1]).slice(0, 4).map(([
                                                                                     name, time
                                                                                   ]) => `${name}: ${duration(time)}`);
  return `${edge.from} → ${edge.to}: ${duration(edge.time)} (${percent(edge.time / whole)}), ${
      count(edge.count)} times\n${subjects.join("\n")}`;
}

function label(edge, shape) {
  const subject = mainSubject(edge), short = subject.length > 36 ? subject.slice(0, 35) + "…" : subject;
  return svg(
      "text", { x: shape.x, y: shape.y, "text-anchor": shape.anchor, class: "edge-label" },
      [`${short} · ${duration(edge.time)}`]);
}

function box(node) {
  const short = node.name.length > 25 ? node.name.slice(0, 24) + "…" : node.name;
  return svg("g", { class: "node" + (node.isThread ? "" : " outside") + (node.isEntry ? " entry" : "") }, [
    svg("title", {}, [`${node.name}: waits ${duration(node.waits)}, ended waits of ${duration(node.isWaitedFor)}`]),
    svg("rect", { x: node.x, y: node.y, width: NODE_WIDTH, height: node.height, rx: 6 }),
    svg("text", { x: node.x + 10, y: node.y + 18, class: "node-name" }, [short]),
    svg("text", { x: node.x + 10, y: node.y + 33, class: "node-fact" },
        [node.waits ? `waits ${duration(node.waits)}` : `ended ${duration(node.isWaitedFor)}`])
  ]);
}
