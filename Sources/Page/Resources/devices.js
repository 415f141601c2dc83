import {totalOf, countOf} from "./series.js";
import {byID} from "./dom.js";
import {SortableTable} from "./table.js";
import {bytes, count, duration, percent} from "./units.js";

// Requests to block devices, of everybody on the host.
export class DevicesView {
  constructor(recording, host) {
    this.recording = recording;
    this.table = new SortableTable(
        host, "Block devices in the window",
        [
          { title: "Device", text: row => row.block.device, value: row => row.block.device },
          { title: "Operation", text: row => row.block.operation, value: row => row.block.operation },
          { title: "Asked for by", text: row => row.block.who, value: row => row.block.who, class: "name" },
          { title: "Requests/s", right: true, text: row => count(row.count / row.seconds), value: row => row.count },
          { title: "Per second", right: true, text: row => bytes(row.bytes / row.seconds), value: row => row.bytes },
          {
            title: "At the device, mean",
            right: true,
            text: row => row.count ? duration(row.device / row.count) : "–",
            value: row => row.count ? row.device / row.count : 0
          },
          {
            title: "In the queue, mean",
            right: true,
            text: row => row.count ? duration(row.queue / row.count) : "–",
            value: row => row.count ? row.queue / row.count : 0
          },
          {
            title: "In flight, mean",
            right: true,
            hint: "time of requests at the device by time",
            text: row => (row.device / 1e9 / row.seconds).toFixed(2),
            value: row => row.device
          },
        ],
        { rows: 10, empty: "No request was completed in this window." });
  }

  update(selection) {
    const seconds = selection.length("window") / 1e9, parts = selection.window;
    this.table.show(this.recording.block
                        .map(block => ({
                               block,
                               seconds,
                               count: countOf(block.device_time, parts),
                               device: totalOf(block.device_time, parts),
                               queue: totalOf(block.queue_time, parts),
                               bytes: totalOf(block.bytes, parts),
                             }))
                        .filter(row => row.count > 0)
                        .sort((left, right) => right.device + right.queue - left.device - left.queue));
  }
}

// Files through the page cache, where it was recorded.
export class PagesView {
  constructor(recording, host) {
    this.recording = recording;
    byID("pages-section").hidden = recording.pages.length === 0;
    this.table = new SortableTable(
        host, "Page cache in the window",
        [
          { title: "File", text: row => row.page.file, value: row => row.page.file, class: "name" },
          { title: "Process", text: row => row.page.who, value: row => row.page.who, class: "name" },
          { title: "Read in", right: true, text: row => bytes(row.readIn * 4096), value: row => row.readIn },
          {
            title: "Look-ups",
            right: true,
            text: row => row.page.hasLookups ? count(row.lookups) : "–",
            value: row => row.lookups
          },
          {
            title: "Hits",
            right: true,
            text: row => row.lookups ? percent(1 - row.misses / row.lookups) : "–",
            value: row => row.lookups ? 1 - row.misses / row.lookups : 0
          },
          { title: "Dirtied", right: true, text: row => bytes(row.dirtied * 4096), value: row => row.dirtied },
          { title: "Evicted", right: true, text: row => bytes(row.evicted * 4096), value: row => row.evicted },
        ],
        { rows: 10, empty: "No page was asked for in this window." });
  }

  update(selection) {
    const keys = ["readIn", "lookups", "misses", "dirtied", "evicted"];
    this.table.show(this.recording.pages
                        .map(page => {
                          const row = { page };
                          for (const key of keys) row[key] = totalOf(page[key], selection.window);
                          return row;
                        })
                        .filter(row => keys.some(key => row[key] > 0))
                        .sort((left, right) => right.readIn - left.readIn || right.lookups - left.lookups));
  }
}
