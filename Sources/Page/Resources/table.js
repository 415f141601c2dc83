import {element} from "./dom.js";

// A table that can be sorted by its columns and shows a few rows until all are asked for.
//
// columns: [{title, text(row) | node(row), value(row) to sort by, right, hint}]
export class SortableTable {
  constructor(
      host, caption, columns, { rows = 15, most = 500, empty = "Nothing in this window.", rowClass = null } = {}) {
    Object.assign(this, { columns, few: rows, limit: rows, most, empty, rowClass });
    this.sortedBy = null;
    this.isDescending = true;
    this.body = element("tbody");
    this.heads = columns.map((column, index) => this.head(column, index));
    this.table = element("table", {}, [
      element("caption", { class: "visually-hidden" }, caption), element("thead", {}, element("tr", {}, this.heads)),
      this.body
    ]);
    this.more = element("button", { type: "button", class: "more no-print", on: { click: () => this.toggle() } });
    this.note = element("p", { class: "quiet" }, empty);
    host.replaceChildren(
        element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, this.table),
        this.note, this.more);
  }

  head(column, index) {
    const cell = element("th", { scope: "col", class: column.right ? "right" : "" });
    if (column.value) {
      cell.append(element(
          "button", { type: "button", class: "sort", title: column.hint ?? "", on: { click: () => this.sort(index) } },
          column.title));
    } else {
      cell.append(column.title);
    }
    return cell;
  }

  sort(index) {
    this.isDescending = this.sortedBy === index ? !this.isDescending : true;
    this.sortedBy = index;
    this.render();
  }

  toggle() {
    this.limit = this.limit === this.few ? this.most : this.few;
    this.render();
  }

  // Rows in their natural order, the most important first.
  show(rows) {
    this.rows = rows;
    this.render();
  }

  render() {
    let rows = this.rows ?? [];
    if (this.sortedBy !== null) {
      const value = this.columns[this.sortedBy].value, sign = this.isDescending ? -1 : 1;
      rows = rows.map((row, index) => [value(row), index, row])
                 .sort(
                     ([left, one], [right, other]) => left < right ? -sign :
                         left > right                              ? sign :
                                                                     one - other)
                 .map(entry => entry[2]);
    }
    this.heads.forEach((head, index) => {
      if (index === this.sortedBy)
        head.setAttribute("aria-sort", this.isDescending ? "descending" : "ascending");
      else
        head.removeAttribute("aria-sort");
    });
    this.body.replaceChildren(...rows.slice(0, this.limit)
                                  .map(
                                      row => element(
                                          "tr", { class: this.rowClass ? this.rowClass(row) : "" },
                                          this.columns.map(
                                              (column, index) => element(
                                                  index === 0 ? "th" : "td",
                                                  index === 0 ? { scope: "row", class: column.right ? "right" : "" } :
                                                                { class: column.right ? "right" : column.class ?? "" },
                                                  column.node ? column.node(row) : column.text(row))))));
    this.table.parentElement.hidden = rows.length === 0;
    this.note.hidden = rows.length > 0;
    this.more.hidden = rows.length <= this.few;
    this.more.textContent = this.limit === this.few ? `Show ${Math.min(rows.length, this.most)} of ${rows.length}` :
                                                      `Show the first ${this.few}`;
  }
}
