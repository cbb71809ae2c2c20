// What is to be said of the chosen cell: a fault, a conflict, a question, a formula; and the dialogs that follow.
import { post } from "./post.js";
import { momentOf, say, shown } from "./ledger_words.js";

function button(word, className, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = `btn btn-sm ${className}`;
  element.textContent = say(word);
  element.dataset.act = word;
  element.addEventListener("click", act);
  return element;
}

function line(text, className = "") {
  const element = document.createElement("p");
  element.className = className;
  element.textContent = text;
  return element;
}

export class Marks {
  constructor(wrapper, grid, store, cursor, setup) {
    Object.assign(this, { wrapper, grid, store, cursor, setup });
    this.note = wrapper.querySelector("[data-note]");
    this.confirming = document.getElementById("ledger-confirm");
    cursor.addEventListener("moved", () => this.show());
    cursor.addEventListener("editing", () => this.hide());
    cursor.addEventListener("asked", () => this.note.querySelector("button")?.focus());
    grid.addEventListener("painted", () => this.show());
    grid.addEventListener("moved", () => this.#place());
    this.note.addEventListener("keydown", (event) => event.key === "Escape" && cursor.editor.focus());
    this.confirming.querySelector("form").addEventListener("submit", (event) => this.#confirm(event));
  }

  hide() {
    this.note.hidden = true;
  }

  /** The note of the chosen cell, or none. */
  show() {
    const { anchor, editor } = this.cursor;
    if (!anchor || editor.open) {
      this.hide();
      return;
    }
    const parts = this.#parts(anchor);
    const said = JSON.stringify([anchor, parts.map((part) => part.textContent)]);
    if (said !== this.said) {
      this.said = said; // not built anew below a finger that is about to press a button
      this.note.replaceChildren(...parts);
    }
    this.note.hidden = !parts.length;
    this.#place();
  }

  #parts({ row, field }) {
    const column = this.store.columns.get(field);
    const entry = this.store.entry(row, field);
    const parts = [];
    if (entry?.state === "conflict") {
      parts.push(...this.#conflict(row, field, column, entry));
    } else if (entry?.reason) {
      parts.push(line(entry.reason, "note-fault"));
      if (entry.state === "fault") {
        parts.push(this.#buttons(button("correct", "btn-primary", () => this.#edit()), button("let_go", "", () => this.#letGo(row, field))));
      }
    }
    for (const question of this.store.rows.get(row)._q?.[field] ?? []) {
      parts.push(line(question.text, "note-question"));
      if (!this.store.readonly && this.store.rows.get(row).e) {
        const confirm = button("confirm", "", () => this.#ask(row, question));
        parts.push(this.#buttons(...(this.store.editable(row, field) ? [button("correct", "btn-primary", () => this.#edit())] : []), confirm));
      }
    }
    if (this.store.fed(row, field)) {
      parts.push(line(say("from_roster"), "note-formula"));
    }
    if (column.formula) {
      parts.push(line(`${column.title} = ${column.formula}`, "note-formula"));
    }
    return parts;
  }

  #conflict(row, field, column, entry) {
    const names = { theirs: shown(column, entry.theirs) || "—", by: entry.by || say("someone"), at: momentOf(entry.at) };
    return [
      line(say("conflict"), "note-fault"),
      line(say("yours", { yours: entry.text || "—" })),
      line(say("theirs", names)),
      this.#buttons(
        button("keep_mine", "btn-primary", () => this.#then(() => this.store.keepMine(row, field))),
        button("take_theirs", "", () => this.#letGo(row, field)),
      ),
    ];
  }

  #buttons(...buttons) {
    const holder = document.createElement("div");
    holder.className = "btn-list";
    holder.append(...buttons);
    return holder;
  }

  #then(act) {
    act();
    this.cursor.editor.focus();
  }

  #letGo(row, field) {
    this.#then(() => this.store.letGo(row, field));
  }

  #edit() {
    this.cursor.editor.focus();
    this.cursor.edit();
  }

  #place() {
    const { anchor } = this.cursor;
    const cell = anchor && this.grid.cell(anchor.row, anchor.field);
    if (this.note.hidden || !cell) {
      return;
    }
    const [box, home] = [cell.getBoundingClientRect(), this.wrapper.getBoundingClientRect()];
    const { style } = this.note;
    style.left = `${Math.max(0, Math.min(box.left - home.left, home.width - this.note.offsetWidth - 8))}px`;
    const below = box.bottom - home.top + 4;
    const fits = below + this.note.offsetHeight <= home.height;
    style.top = `${fits ? below : Math.max(0, box.top - home.top - this.note.offsetHeight - 4)}px`;
    this.note.classList.toggle("is-out", box.bottom < home.top || box.top > home.bottom);
  }

  #ask(row, question) {
    this.asked = { row, code: question.code, numbers: question.numbers };
    this.confirming.querySelector("[data-question]").textContent = question.text;
    this.confirming.querySelector("[data-failed]").hidden = true;
    this.confirming.querySelector("form").reset();
    this.confirming.showModal();
  }

  async #confirm(event) {
    event.preventDefault();
    if (event.submitter?.value === "cancel") {
      this.confirming.close();
      return;
    }
    const note = new FormData(event.target).get("note");
    delete event.target.dataset.sent;
    try {
      const answer = await post(this.setup.urls.confirm, { month: this.setup.month, ...this.asked, note });
      const said = answer.ok || answer.status === 400 ? await answer.json() : {};
      if (said.row) {
        this.store.fresh([said.row]);
      }
      if (!answer.ok) {
        throw new Error(said.error ?? say("not_confirmed"));
      }
      this.confirming.close();
      this.cursor.editor.focus();
    } catch (error) {
      const failed = this.confirming.querySelector("[data-failed]");
      failed.textContent = error instanceof TypeError ? say("not_confirmed") : error.message;
      failed.hidden = false;
    }
  }

  /** Go to the next cell that asks something (`kind` "question") or was not taken ("fault"), round at the end. */
  next(kind) {
    const all = this.places(kind);
    if (!all.length) {
      return;
    }
    const { anchor } = this.cursor;
    const rank = ({ row, field }) => this.grid.place(row) * 1000 + this.grid.fields().indexOf(field);
    const sight = all.filter((one) => this.grid.place(one.row) >= 0 && this.grid.fields().includes(one.field));
    sight.sort((a, b) => rank(a) - rank(b));
    const next = sight.find((one) => anchor && rank(one) > rank(anchor)) ?? sight[0];
    if (next) {
      this.cursor.go(next.row, next.field);
      this.cursor.editor.focus();
    } else {
      this.uncover(all[0]);
    }
  }

  /** A cell that a filter or a hidden column covers. */
  uncover({ row, field }) {
    this.grid.table.clearFilter(true);
    this.grid.table.clearHeaderFilter();
    this.grid.dispatchEvent(new Event("uncovered"));
    this.grid.table.showColumn(field);
    this.cursor.go(row, field);
    this.cursor.editor.focus();
  }

  places(kind) {
    if (kind === "fault") {
      return [...this.store.entries.values()].filter((entry) => ["fault", "conflict"].includes(entry.state));
    }
    return [...this.store.rows.values()].flatMap((row) => Object.keys(row._q ?? {}).map((field) => ({ row: row.id, field })));
  }
}
