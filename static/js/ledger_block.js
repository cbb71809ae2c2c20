// Blocks of cells: what Excel and WPS put on the clipboard, copying, pasting, filling down, emptying, undo and redo.
import { say } from "./ledger_words.js";

/** Rows of texts from tab-separated text: quoted cells may hold tabs, line breaks and doubled quotes. */
export function parse(text) {
  const rows = [[]];
  let [cell, quoted, place] = ["", false, 0];
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const endCell = () => {
    rows.at(-1).push(cell);
    cell = "";
  };
  for (; place < source.length; place += 1) {
    const char = source[place];
    if (quoted) {
      if (char === '"' && source[place + 1] === '"') {
        cell += '"';
        place += 1;
      } else if (char === '"') {
        quoted = false;
      } else {
        cell += char;
      }
    } else if (char === '"' && cell === "" && closes(source, place)) {
      quoted = true;
    } else if (char === "\t") {
      endCell();
    } else if (char === "\n") {
      endCell();
      rows.push([]);
    } else {
      cell += char;
    }
  }
  endCell();
  // A cell of a ledger is one line.
  return rows.map((row) => row.map((one) => one.replace(/\s*\n\s*/g, " ").trim()));
}

/** Is the quote at `place` closed at the end of a cell? A lone one is part of the text: 5" pipe. */
function closes(source, place) {
  return /^"(?:[^"]|"")*"(?:[\t\n]|$)/.test(source.slice(place));
}

function compose(rows) {
  const cell = (text) => (/[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map(cell).join("\t")).join("\n");
}

export class Block {
  constructor(grid, store, notice) {
    Object.assign(this, { grid, store, notice });
    this.cursor = null;
    this.done = [];
    this.undone = [];
  }

  attach(cursor) {
    this.cursor = cursor;
    const { input } = cursor.editor;
    input.addEventListener("copy", (event) => this.#copy(event));
    input.addEventListener("cut", (event) => {
      if (this.#copy(event)) {
        this.empty();
      }
    });
    input.addEventListener("paste", (event) => this.#paste(event));
  }

  /** Changes as one step that can be undone, and one request. */
  type(changes) {
    const batch = this.store.type(changes);
    if (batch.length) {
      this.done.push(batch);
      this.undone = [];
      this.grid.dispatchEvent(new Event("history"));
    }
    return batch;
  }

  undo() {
    this.#back(this.done, this.undone, "undone");
  }

  redo() {
    this.#back(this.undone, this.done, "redone");
  }

  /** Undoing is another save: a cell that someone else changed since answers with a conflict. */
  #back(from, to, word) {
    const batch = from.pop();
    if (!batch) {
      this.notice(say("nothing_to_undo"));
      return;
    }
    const changes = batch.map(({ row, field, before, stored }) => ({ row, field, text: before, known: stored }));
    const reverse = this.store.type(changes);
    if (reverse.length) {
      to.push(reverse);
    }
    const seen = reverse.filter(({ row, field }) => this.grid.shows(row, field));
    if (seen.length) {
      this.cursor.go(seen[0].row, seen[0].field);
    }
    const covered = reverse.length - seen.length;
    this.notice([say(word, { n: reverse.length }), covered ? say("covered", { n: covered }) : ""].join(" "), covered > 0);
    this.grid.dispatchEvent(new Event("history"));
  }

  #ids({ top, bottom }) {
    return this.grid.order().slice(top, bottom + 1);
  }

  #fields({ left, right }) {
    return this.grid.fields().slice(left, right + 1);
  }

  #copy(event) {
    const { cursor } = this;
    if (cursor.editor.open || !cursor.anchor) {
      return false;
    }
    const box = cursor.box();
    const fields = this.#fields(box);
    const rows = this.#ids(box).map((id) => fields.map((field) => this.store.text(id, field)));
    event.clipboardData.setData("text/plain", compose(rows));
    event.preventDefault();
    this.notice(say("copied", { n: rows.length * fields.length }));
    return true;
  }

  #paste(event) {
    const { cursor } = this;
    if (cursor.editor.open || !cursor.anchor) {
      return; // into the text of the cell
    }
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain");
    if (text) {
      this.put(parse(text));
    } else {
      this.notice(say("nothing_to_paste"), true);
    }
  }

  /** Put a block at the selection: repeated where the selection is a multiple of it, cut where the grid ends. */
  put(rows) {
    const box = this.cursor.box();
    const [height, width] = [rows.length, Math.max(...rows.map((row) => row.length))];
    const [chosenHeight, chosenWidth] = [box.bottom - box.top + 1, box.right - box.left + 1];
    const tall = chosenHeight % height === 0 ? chosenHeight : height;
    const broad = chosenWidth % width === 0 ? chosenWidth : width;
    const ids = this.grid.order().slice(box.top, box.top + tall);
    const fields = this.grid.fields().slice(box.left, box.left + broad);
    const changes = [];
    let skipped = 0;
    ids.forEach((row, y) =>
      fields.forEach((field, x) => {
        const text = rows[y % height][x % width];
        if (text === undefined) {
          return; // a short line of the block
        }
        if (this.store.editable(row, field)) {
          changes.push({ row, field, text });
        } else if (text !== this.store.text(row, field)) {
          skipped += 1;
        }
      }),
    );
    const batch = this.type(changes);
    this.cursor.select(box.top, box.left, box.top + ids.length - 1, box.left + fields.length - 1);
    this.#report(batch.length, skipped, tall * broad - ids.length * fields.length, this.grid.hiddenAmong(fields));
  }

  #report(changed, skipped, cut, hidden) {
    const parts = [say("pasted", { n: changed })];
    if (skipped) {
      parts.push(say("skipped", { n: skipped }));
    }
    if (cut) {
      parts.push(say("cut_off", { n: cut }));
    }
    if (hidden.length) {
      parts.push(say("passed_over", { columns: hidden.join("、") }));
    }
    this.notice(parts.join(" "), Boolean(skipped || cut || hidden.length));
  }

  /** The first row of the selection into the rows below; of one row alone: the row above into it. */
  fillDown() {
    const box = this.cursor.box();
    const from = box.top === box.bottom ? box.top - 1 : box.top;
    const source = this.grid.order()[from];
    if (source === undefined) {
      return;
    }
    const fields = this.#fields(box);
    const changes = this.#ids({ top: from + 1, bottom: box.bottom }).flatMap((row) =>
      fields.map((field) => ({ row, field, text: this.store.text(source, field) })),
    );
    this.#all(changes, "filled");
  }

  empty() {
    const box = this.cursor.box();
    const fields = this.#fields(box);
    this.#all(
      this.#ids(box).flatMap((row) => fields.map((field) => ({ row, field, text: "" }))),
      "emptied",
    );
  }

  #all(changes, word) {
    const fixed = changes.filter(({ row, field, text }) => !this.store.editable(row, field) && text !== this.store.text(row, field));
    const batch = this.type(changes);
    const parts = [say(word, { n: batch.length })];
    if (fixed.length) {
      parts.push(say("skipped", { n: fixed.length }));
    }
    this.notice(parts.join(" "), fixed.length > 0);
  }
}

