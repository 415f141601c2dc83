import {element, shareBar} from "./dom.js";
import {clock, count, duration, percent, signedDuration} from "./units.js";

// What the diagnosis said.  It was made with the file and cannot be made anew here.
export function showVerdict(recording, host, chooseIt) {
  const verdict = recording.verdict;
  if (!verdict) {
    host.replaceChildren(
        element("p", { class: "summary" }, "No verdict."), element("p", { class: "quiet" }, recording.noVerdict ?? ""));
    return;
  }
  const chosen = verdict.cause === undefined ? null : verdict.causes[verdict.cause];
  const children = [element("p", { class: chosen ? "summary found" : "summary" }, verdict.summary)];
  const facts = [];
  if (chosen) facts.push(chip(chosen.class.replaceAll("_", " ")), ` ${Math.round(chosen.confidence * 100)} % sure. `);
  facts.push(verdict.reasons.join(" "));
  children.push(element("p", {}, facts));
  children.push(element("dl", { class: "stretches" }, [
    ...stretchFacts(recording, "Looked at", verdict.window, "window"),
    ...(verdict.baseline ? stretchFacts(recording, "Compared with", verdict.baseline, "baseline") : [])
  ]));
  children.push(causesTable(verdict));
  if (chosen && chosen.path.length) children.push(pathList(chosen));
  children.push(element(
      "p", { class: "no-print" },
      element("button", { type: "button", on: { click: chooseIt } }, "Look at this window and baseline")));
  host.replaceChildren(...children);
}

export function chip(text) { return element("span", { class: "chip" }, text); }

function stretchFacts(recording, title, stretch, kind) {
  const times = stretch.parts.map(([from, to]) => `${clock(recording.origin, from)} – ${clock(recording.origin, to)}`)
                    .join(" and ");
  let text = `${times}: threads busy for ${percent(stretch.busy)} of the time while they served`;
  if (stretch.servicePerUnit !== undefined) {
    text += `; ${count(stretch.unitsPerSecond)} pieces of work a second, ${duration(stretch.servicePerUnit)} each`;
  }
  return [element("dt", {}, [element("span", { class: "swatch " + kind }), " " + title]), element("dd", {}, text)];
}

function causesTable(verdict) {
  const hasAdded = verdict.causes.some(cause => cause.added !== undefined);
  const shown = verdict.causes.slice(0, 6);
  const heads = [
    "Share of the service time", "", ...(hasAdded ? ["Added to each piece"] : []), "Cause", "Via", "Who or what", "Sure"
  ];
  return element("div", { class: "scroll" }, element("table", { class: "causes" }, [
    element("caption", { class: "visually-hidden" }, "Causes, the largest first"),
    element("thead", {}, element("tr", {}, heads.map((title, index) =>
      element("th", { scope: "col", class: index === 0 || hasAdded && index === 2 || index === heads.length - 1 ? "right" : "" }, title)))),
    element("tbody", {}, shown.map((cause, index) => element("tr", { class: index === verdict.cause ? "chosen" : "" }, [
      element("td", { class: "right" }, percent(cause.share)),
      element("td", { class: "wide" }, shareBar(cause.share, index === verdict.cause ? "strong" : "")),
      ...(hasAdded ? [element("td", { class: "right" }, cause.added === undefined ? "" : signedDuration(cause.added))] : []),
      element("th", { scope: "row" }, cause.class.replaceAll("_", " ")), element("td", {}, cause.via),
      element("td", {}, cause.who), element("td", { class: "right" }, percent(cause.confidence))])))]));
}

function pathList(cause) {
  return element("details", { open: true, class: "path" }, [
    element("summary", {}, "How it reaches the service"),
    element("ol", {}, cause.path.map(step => element("li", {}, step)))
  ]);
}

// The last section: how much of the time the diagnosis has seen, and what was lost.
export function showGround(recording, host) {
  const items = [], verdict = recording.verdict;
  if (verdict) {
    const of = verdict.recorded > verdict.spells ? ` of ${count(verdict.recorded)} recorded` : "";
    items.push(`The diagnosis looked at ${count(verdict.spells)} spells off the CPU${of}, all of those in ${
        percent(verdict.seen)} of its window; ${percent(verdict.unattributed)} of the service time has no cause${
        verdict.lost ? `; ${verdict.lost} spells were lost` : ""}.`);
  }
  items.push(`Times in this page are right to ${
      duration(recording.quantum)} for each row and stretch; the timeline has ${recording.binEnds.length} steps.`);
  if (recording.histogramBins > 1)
    items.push(`Histograms of waits are kept for ${
        recording.histogramBins} steps together: those that the window touches are shown.`);
  if (!recording.isFinished)
    items.push(
        "The recording was not finished when this page was made: what happens in its last second may still change.");
  items.push(`Recorded with: ${recording.command}`);
  const children = [element("ul", {}, items.map(item => element("li", {}, item)))];
  if (recording.losses.length) {
    children.push(
        element("h3", {}, "Losses"),
        element(
            "ul", { class: "losses" },
            recording.losses.map(
                loss => element(
                    "li", {},
                    `${loss.what}${loss.place ? " in " + loss.place : ""}: ${count(loss.count)}. ${loss.advice}`))));
  } else {
    children.push(element("p", { class: "quiet" }, "Nothing was lost."));
  }
  host.replaceChildren(...children);
}
