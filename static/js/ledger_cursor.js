// Which cells are chosen, and every key and click that moves through the grid or changes a cell.
import { say } from "./ledger_words.js";

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const PICKED = "is-picked";

export class Cursor extends EventTarget {
  constructor(grid, store, editor, commands) {
    super();
    Object.assign(this, { grid, store, editor, commands });
    this.anchor = null; // {row, field}: where a selection began, the cell that is typed into
    this.head = null; // where it ends
    this.painted = new Set();
    editor.allowed = () => this.#mayType();
    editor.addEventListener("picked", () => this.commit());
    editor.addEventListener("begun", () => this.dispatchEvent(new Event("editing")));
    editor.input.addEventListener("keydown", (event) => this.#onKey(event));
    editor.input.addEventListener("blur", () => this.#onBlur());
    editor.input.addEventListener("focus", () => this.draw());
    grid.holder.addEventListener("mousedown", (event) => this.#onMouse(event));
    grid.holder.addEventListener("dblclick", () => this.edit());
    // Tab into the grid leads to the cell; Shift+Tab out of it passes by.
    grid.holder.addEventListener("focus", (event) => event.relatedTarget !== editor.input && editor.focus());
    grid.addEventListener("order", () => this.#onOrder());
    grid.addEventListener("moved", () => this.draw());
    grid.addEventListener("painted", () => this.draw());
  }

  /** Begin at the first cell that can be typed into. */
  begin() {
    const row = this.grid.order()[0];
    const field = this.grid.fields().find((name) => this.store.editable(row, name)) ?? this.grid.fields()[0];
    if (row !== undefined && field) {
      this.anchor = this.head = { row, field };
      this.draw();
      this.dispatchEvent(new Event("moved"));
    }
  }

  /** The selection as places: {top, bottom, left, right}. */
  box() {
    const [a, b] = [this.#at(this.anchor), this.#at(this.head)];
    return {
      top: Math.min(a.y, b.y),
      bottom: Math.max(a.y, b.y),
      left: Math.min(a.x, b.x),
      right: Math.max(a.x, b.x),
    };
  }

  #at({ row, field }) {
    return { y: Math.max(0, this.grid.place(row)), x: Math.max(0, this.grid.fields().indexOf(field)) };
  }

  #cell(y, x) {
    const [ids, fields] = [this.grid.order(), this.grid.fields()];
    return {
      row: ids[Math.min(Math.max(y, 0), ids.length - 1)],
      field: fields[Math.min(Math.max(x, 0), fields.length - 1)],
    };
  }

  go(row, field, extend = false) {
    this.head = { row, field };
    if (!extend) {
      this.anchor = this.head;
    }
    this.grid.bring(row, field);
    this.draw();
    this.dispatchEvent(new Event("moved"));
  }

  select(top, left, bottom, right) {
    this.anchor = this.#cell(top, left);
    this.head = this.#cell(bottom, right);
    this.draw();
    this.dispatchEvent(new Event("moved"));
  }

  step(down, right, extend = false) {
    const from = this.#at(extend ? this.head : this.anchor);
    const { row, field } = this.#cell(from.y + down, from.x + right);
    this.go(row, field, extend);
  }

  /** Tab: to the next cell that can be typed into, on to the next row at the end of one. */
  tab(by) {
    const width = this.grid.fields().length;
    const from = this.#at(this.anchor);
    const last = this.grid.order().length * width;
    for (let n = from.y * width + from.x + by; n >= 0 && n < last; n += by) {
      const { row, field } = this.#cell(Math.floor(n / width), n % width);
      if (this.store.editable(row, field) || this.store.readonly) {
        this.go(row, field);
        return;
      }
    }
  }

  draw() {
    this.painted.forEach((element) => {
      element.classList.remove(PICKED, "is-active");
      element.removeAttribute("aria-selected");
    });
    this.painted.clear();
    if (!this.anchor) {
      return;
    }
    const { top, bottom, left, right } = this.box();
    const fields = this.grid.fields().slice(left, right + 1);
    for (const element of this.grid.drawnRows()) {
      const place = this.grid.place(Number(element.dataset.row));
      if (place >= top && place <= bottom) {
        for (const field of fields) {
          this.#pick(element.querySelector(`:scope > [tabulator-field="${field}"]`));
        }
      }
    }
    const active = this.grid.cell(this.anchor.row, this.anchor.field);
    active?.classList.add("is-active");
    const column = this.store.columns.get(this.anchor.field);
    this.editor.over(this.#inSight(active) ? active : null, column, this.#label(column));
  }

  #pick(element) {
    element.classList.add(PICKED);
    element.setAttribute("aria-selected", "true");
    this.painted.add(element);
  }

  /** Not scrolled out, nor below the header, the totals or the frozen columns. */
  #inSight(element) {
    if (!element) {
      return false;
    }
    const [box, home] = [element.getBoundingClientRect(), this.grid.holder.getBoundingClientRect()];
    const frozen = this.store.columns.get(this.anchor.field).frozen;
    const edge = [...element.parentElement.querySelectorAll(".tabulator-frozen")].at(-1);
    const left = frozen || !edge ? home.left : edge.getBoundingClientRect().right;
    return box.top >= home.top - 1 && box.bottom <= home.bottom + 1 && box.left >= left - 1 && box.left < home.right;
  }

  #label(column) {
    const named = this.grid.setup.columns.find((one) => one.frozen && one.field !== "code")?.field ?? "code";
    const { row, field } = this.anchor;
    const names = { column: column.title, row: this.store.text(row, named), value: this.store.text(row, field) || "—" };
    return say("cell_label", names);
  }

  #onOrder() {
    if (this.editor.open) {
      return;
    }
    if (this.anchor && this.grid.shows(this.anchor.row, this.anchor.field)) {
      this.head = this.anchor; // other rows lie between the two now
    } else {
      this.anchor = this.head = null;
      this.begin();
    }
  }

  #mayType() {
    const may = Boolean(this.anchor) && this.store.editable(this.anchor.row, this.anchor.field);
    if (!may) {
      this.editor.refuse();
    }
    return may;
  }

  edit(text) {
    if (this.#mayType() && !this.editor.open) {
      this.grid.bring(this.anchor.row, this.anchor.field);
      this.draw();
      this.editor.focus();
      this.editor.begin(text ?? this.store.text(this.anchor.row, this.anchor.field));
    }
  }

  /** Take what stands in the input. */
  commit() {
    if (this.editor.open && this.anchor) {
      const { row, field } = this.anchor;
      this.commands.type([{ row, field, text: this.editor.end() }]);
    }
  }

  #onBlur() {
    this.commit();
    this.dispatchEvent(new Event("left"));
  }

  #onMouse(event) {
    const cell = event.target.closest(".tabulator-cell");
    const row = event.target.closest(".tabulator-row[data-row]");
    if (!cell || !row || event.button === 1) {
      return;
    }
    event.preventDefault();
    this.commit();
    this.editor.focus();
    const [id, field] = [Number(row.dataset.row), cell.getAttribute("tabulator-field")];
    const inside = cell.classList.contains(PICKED) && event.button === 2;
    if (!inside) {
      this.go(id, field, event.shiftKey);
    }
    if (event.button === 0) {
      this.#drag();
    }
  }

  #drag() {
    const move = (event) => {
      const under = document.elementFromPoint(event.clientX, event.clientY);
      const cell = under?.closest(".tabulator-cell");
      const row = under?.closest(".tabulator-row[data-row]");
      if (cell && row && this.grid.holder.contains(row)) {
        const [id, field] = [Number(row.dataset.row), cell.getAttribute("tabulator-field")];
        if (id !== this.head.row || field !== this.head.field) {
          this.go(id, field, true);
        }
      }
    };
    addEventListener("mousemove", move);
    addEventListener("mouseup", () => removeEventListener("mousemove", move), { once: true });
  }

  #onKey(event) {
    if (event.isComposing || event.keyCode === 229 || !this.anchor) {
      return; // an input method is at work
    }
    const done = this.editor.open ? this.#onEditKey(event) : this.#onMoveKey(event);
    if (done) {
      event.preventDefault();
    }
  }

  #onEditKey(event) {
    const { key, shiftKey } = event;
    const step = STEPS[key];
    if (key === "Escape") {
      this.editor.close();
    } else if (key === "Enter") {
      this.commit();
      this.step(shiftKey ? -1 : 1, 0);
    } else if (key === "Tab") {
      this.commit();
      this.tab(shiftKey ? -1 : 1);
    } else if (step && step[0] && this.editor.step(step[0])) {
      return true;
    } else if (step && this.editor.typed && !shiftKey) {
      this.commit();
      this.step(...step);
    } else {
      return false;
    }
    return true;
  }

  #onMoveKey(event) {
    const { key, shiftKey, altKey } = event;
    const ctrl = event.ctrlKey || event.metaKey;
    const leaving = this.leaving; // Escape was the key before
    this.leaving = false;
    if (STEPS[key]) {
      this.#onArrow(key, shiftKey, ctrl, altKey);
    } else if (key === "Enter" && (altKey || ctrl)) {
      this.dispatchEvent(new Event("asked"));
    } else if (key === "Enter") {
      this.step(shiftKey ? -1 : 1, 0);
    } else if (key === "Tab") {
      if (!leaving) {
        this.tab(shiftKey ? -1 : 1);
      }
      return !leaving; // after Escape, Tab leaves the grid as it leaves any other input
    } else if (key === "F2") {
      this.edit();
    } else if (key === "Backspace") {
      this.edit("");
    } else if (key === "Delete") {
      this.commands.empty();
    } else if (ctrl) {
      return this.#onControl(key.toLowerCase(), shiftKey);
    } else {
      return this.#onJump(key, shiftKey);
    }
    return true;
  }

  #onArrow(key, extend, jump, alt) {
    if (alt && key === "ArrowDown") {
      this.edit();
      return;
    }
    const far = jump ? Number.MAX_SAFE_INTEGER / 2 : 1;
    const [down, right] = STEPS[key];
    this.step(down * far, right * far, extend);
  }

  #onControl(key, shift) {
    const { commands } = this;
    const does = { d: () => commands.fillDown(), z: () => (shift ? commands.redo() : commands.undo()), y: () => commands.redo() };
    does.a = () => this.select(0, 0, this.grid.order().length - 1, this.grid.fields().length - 1);
    does.home = () => this.go(...Object.values(this.#cell(0, 0)), shift);
    does.end = () => this.go(...Object.values(this.#cell(Infinity, Infinity)), shift);
    does[key]?.();
    return key in does;
  }

  #onJump(key, shift) {
    const y = this.#at(this.head).y;
    const page = this.grid.rowsInSight();
    const to = {
      Home: () => this.#cell(y, 0),
      End: () => this.#cell(y, Infinity),
      PageUp: () => this.#cell(y - page, this.#at(this.head).x),
      PageDown: () => this.#cell(y + page, this.#at(this.head).x),
    };
    this.leaving = key === "Escape";
    if (this.leaving) {
      this.editor.announce(say("tab_leaves"));
    }
    if (!to[key]) {
      return this.leaving;
    }
    const { row, field } = to[key]();
    this.go(row, field, shift);
    return true;
  }
}
