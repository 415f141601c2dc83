import {byID} from "./dom.js";
import {count, clock, day, duration} from "./units.js";
import {readRecording} from "./recording.js";
import {Selection} from "./stretch.js";
import {showVerdict, showGround} from "./verdict.js";
import {TimelineView} from "./timeline.js";
import {TimelineInput} from "./pointer.js";
import {CompositionView} from "./composition.js";
import {ThreadsView} from "./threads.js";
import {GraphView} from "./graph.js";
import {WaitsView} from "./waits.js";
import {OccupantsView} from "./occupants.js";
import {DevicesView, PagesView} from "./devices.js";
import {Follower} from "./follow.js";
import {Controls, themeButton} from "./controls.js";

async function start() {
  if (typeof DecompressionStream === "undefined")
    throw new Error("this browser is too old to unpack its data: use one of 2023 or newer");
  const data = byID("data"), recording = await readRecording(data.textContent);
  data.remove();
  showFacts(recording);
  byID("main").hidden = false;
  const selection = new Selection(recording);
  showVerdict(recording, byID("verdict"), () => {
    selection.chooseVerdict();
    byID("timeline").focus();
  });
  showGround(recording, byID("ground"));
  const timeline = new TimelineView(recording, selection);
  const input = new TimelineInput(timeline, selection, (which, text) => controls.announce(which, text));
  const controls = new Controls(recording, selection, input);
  const view = (kind, id, ...more) => [new kind(recording, byID(id), ...more), byID(id)];
  const follower = new Follower(selection, [
    [controls, byID("controls")], view(CompositionView, "composition"), view(ThreadsView, "threads"),
    view(GraphView, "graph", () => selection), view(WaitsView, "waits"), view(OccupantsView, "occupants"),
    view(DevicesView, "block"), view(PagesView, "pages")
  ]);
  selection.onView(() => timeline.draw());
  themeButton(() => timeline.readTheme());
  addEventListener("beforeprint", () => {
    follower.updateAll();
    timeline.drawNow();
  });
  byID("loading").remove();
  selection.chooseVerdict();
  timeline.drawNow();
  performance.mark("stallscope-first-picture");
  requestAnimationFrame(() => requestAnimationFrame(() => {
                          performance.mark("stallscope-ready");
                          document.documentElement.dataset.ready = "true";
                        }));
}

function showFacts(recording) {
  const length = recording.binEnds[recording.binEnds.length - 1];
  const processes = new Set(recording.threads.map(thread => thread.pid)).size;
  byID("facts").textContent = `${day(recording.origin)} ${clock(recording.origin, 0)} · ${duration(length)}${
      recording.isFinished ? "" : " so far"} · ${recording.host}, Linux ${recording.kernel}, ${recording.cpus} CPUs · ${
      count(recording.threads.length)} threads of ${processes} processes`;
}

start().catch(error => {
  byID("loading")?.remove();
  const failure = byID("failure");
  failure.textContent = "This page cannot be shown: " + error.message;
  failure.hidden = false;
  console.error(error);
});
