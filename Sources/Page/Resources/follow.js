// Brings views up to date with what is chosen: those that are on the screen at once, so that a drag is smooth, and the
// others when it has come to rest.
export class Follower {
  constructor(selection, views, rest = 150) {
    Object.assign(this, { selection, rest });
    this.stale = new Set();
    this.visible = new Set();
    this.views = views.map(([view]) => view);
    const viewOf = new Map(views.map(([view, host]) => [host, view]));
    const observer = new IntersectionObserver(entries => {
      for (const entry of entries) {
        const view = viewOf.get(entry.target);
        if (entry.isIntersecting)
          this.visible.add(view);
        else
          this.visible.delete(view);
      }
      this.update(this.visible);
    }, { rootMargin: "150px" });
    for (const host of viewOf.keys()) observer.observe(host);
    selection.onChange(() => this.changed());
  }

  changed() {
    for (const view of this.views) this.stale.add(view);
    document.documentElement.dataset.behind = "true";
    this.update(this.visible);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.updateAll(), this.rest);
  }

  update(views) {
    for (const view of views) {
      if (this.stale.delete(view)) view.update(this.selection);
    }
  }

  updateAll() {
    this.update(this.views);
    delete document.documentElement.dataset.behind;
  }
}
