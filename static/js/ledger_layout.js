// Which columns are shown, how wide, how sorted: kept on the server, so it is the same at the next desk.
import { post } from "./post.js";

const GATHER_MS = 800;

export class Layout {
  constructor(grid, setup, menu) {
    Object.assign(this, { grid, setup });
    this.timer = null;
    this.#fill(menu);
    grid.addEventListener("layout", () => this.#later());
    addEventListener("pagehide", () => this.timer && this.#save());
  }

  #fill(menu) {
    const list = menu.querySelector("[data-columns]");
    for (const column of this.setup.columns.filter((one) => !one.frozen)) {
      const label = document.createElement("label");
      label.className = "dropdown-item";
      const box = document.createElement("input");
      box.type = "checkbox";
      box.className = "form-check-input m-0 me-2";
      box.checked = this.grid.table.getColumn(column.field).isVisible();
      box.addEventListener("change", () => this.grid.table.toggleColumn(column.field));
      this.grid.addEventListener("layout", () => (box.checked = this.grid.table.getColumn(column.field).isVisible()));
      label.append(box, column.group ? `${column.group} · ${column.title}` : column.title);
      list.append(label);
    }
    menu.querySelector("[data-reset]").addEventListener("click", () => this.#reset());
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#save(), GATHER_MS);
  }

  #now() {
    const columns = this.setup.columns.map(({ field }) => {
      const column = this.grid.table.getColumn(field);
      return { field, width: Math.round(column.getWidth()), visible: column.isVisible() };
    });
    return { columns, sort: this.grid.table.getSorters().map(({ field, dir }) => ({ column: field, dir })) };
  }

  #save(layout = this.#now()) {
    clearTimeout(this.timer);
    this.timer = null;
    const sent = post(this.setup.urls.layout, layout, { keepalive: true });
    sent.then((answer) => this.grid.element.setAttribute("data-layout", answer.ok ? "kept" : "lost")).catch(() => {});
    return sent;
  }

  /** As it was in the beginning: the page is asked for anew. */
  async #reset() {
    clearTimeout(this.timer);
    await this.#save({ columns: [], sort: [] }).catch(() => {});
    location.reload();
  }
}
