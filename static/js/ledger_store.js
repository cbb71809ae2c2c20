// The rows as the server knows them, and over them what was typed and is not saved yet. Nothing typed is ever dropped.
import { outgoing, say, written } from "./ledger_words.js";

const FLASH_MS = 2500;
const MOST_SIGNS = 1_000_000; // typed text in one request: the server takes no more than five megabytes

/**
 * A typed cell is an entry {row, field, text, was, state, …}; states:
 * waiting (to be sent, or on its way), failed (the line broke: tried again), fault (refused, with a reason),
 * conflict (someone else changed it: `theirs`, `by`, `at`).
 */
export class Store extends EventTarget {
  constructor(setup, rows) {
    super();
    this.columns = new Map(setup.columns.map((column) => [column.field, column]));
    this.readonly = setup.readonly;
    this.rows = new Map(rows.map((row) => [row.id, row]));
    this.entries = new Map();
    this.saved = new Map(); // what we stored last in a cell
    this.flashes = new Set();
    this.savedAt = null;
  }

  key(row, field) {
    return `${row}:${field}`;
  }

  entry(row, field) {
    return this.entries.get(this.key(row, field));
  }

  fed(row, field) {
    return Boolean(this.rows.get(row)?._fed?.includes(field));
  }

  editable(row, field) {
    const column = this.columns.get(field);
    return Boolean(!this.readonly && column?.editable && !column.computed && this.rows.get(row)?.e && !this.fed(row, field));
  }

  /** The text of a cell as one would type it: what was typed, or what is stored. */
  text(row, field) {
    return this.entry(row, field)?.text ?? written(this.columns.get(field), this.rows.get(row)[field]);
  }

  /**
   * Take typed texts [{row, field, text}]; answers those that change something, with the text before, and what was
   * stored then. That is `known` to one that is taken back: it replaces what we saved ourselves and nothing newer.
   */
  type(changes) {
    const done = [];
    for (const { row, field, text, known } of changes) {
      const before = this.text(row, field);
      if (!this.editable(row, field) || text === before) {
        continue;
      }
      const stored = this.rows.get(row)[field] ?? null;
      done.push({ row, field, before, after: text, stored });
      this.#put(row, field, text, stored, known);
    }
    this.#tell(done);
    return done;
  }

  #put(row, field, text, stored, known) {
    const key = this.key(row, field);
    const column = this.columns.get(field);
    const ours = this.saved.has(key) ? this.saved.get(key) : known;
    const was = known === undefined ? stored : ours;
    const old = this.entries.get(key);
    this.flashes.delete(key);
    if (old?.sent) {
      Object.assign(old, { text, newer: true }); // its `was` is known when the answer is here
    } else if (text === written(column, stored) && was === stored) {
      this.entries.delete(key);
    } else if (old) {
      Object.assign(old, { text, state: "waiting", reason: "" });
    } else {
      this.entries.set(key, { row, field, text, was, state: "waiting", reason: "", sent: false, newer: false });
    }
  }

  /** Those to be sent now, marked as being on their way; of one row only where rows are told apart (`single`). */
  take(most, single) {
    const taken = [];
    let signs = 0;
    for (const entry of this.entries.values()) {
      const fits = taken.length < most && signs < MOST_SIGNS && (!single || !taken.length || entry.row === taken[0].row);
      if ((entry.state === "waiting" || entry.state === "failed") && !entry.sent && fits) {
        Object.assign(entry, { sent: true, newer: false, state: "waiting" });
        taken.push(entry);
        signs += entry.text.length + String(entry.was ?? "").length;
      }
    }
    return taken;
  }

  outgoing(entry) {
    const { row, field, was } = entry;
    return { row, field, value: outgoing(this.columns.get(field), entry.text), was };
  }

  /** The line broke, or the server could not answer: kept, to be tried again. */
  failed(taken, reason) {
    for (const entry of taken) {
      Object.assign(entry, { sent: false, newer: false, state: "failed", reason });
    }
    this.#tell(taken);
  }

  /** To be sent again at once. */
  again(taken) {
    taken.forEach((entry) => Object.assign(entry, { sent: false, newer: false }));
  }

  /** The server will never take these as they are. */
  refused(taken, reason) {
    for (const entry of taken) {
      Object.assign(entry, { sent: false, newer: false, state: "fault", reason });
    }
    this.#tell(taken);
  }

  /** The server's answer to what was taken. */
  answered(taken, answer) {
    this.fresh(answer.rows ?? []);
    const cells = new Map((answer.cells ?? []).map((cell) => [this.key(cell.row, cell.field), cell]));
    for (const entry of taken) {
      const cell = cells.get(this.key(entry.row, entry.field));
      const newer = entry.newer;
      Object.assign(entry, { sent: false, newer: false });
      if (!cell) {
        Object.assign(entry, { state: "failed", reason: say("no_answer") });
      } else {
        this.#settle(entry, cell, newer);
      }
    }
    const told = (answer.cells ?? []).filter((cell) => cell.state === "saved" && cell.text);
    if (told.length) {
      this.dispatchEvent(new CustomEvent("told", { detail: told }));
    }
    const saved = taken.filter((entry) => !this.entries.has(this.key(entry.row, entry.field)));
    if (saved.length) {
      this.savedAt = new Date();
      this.#flash(saved);
    }
    this.#tell(taken);
  }

  #settle(entry, cell, newer) {
    const key = this.key(entry.row, entry.field);
    if (cell.state === "saved" || cell.state === "same") {
      this.saved.set(key, cell.value ?? null);
      if (newer) {
        Object.assign(entry, { state: "waiting", was: cell.value ?? null });
      } else {
        this.entries.delete(key);
      }
    } else if (cell.state === "conflict") {
      const { value, by, at, text } = cell;
      Object.assign(entry, { state: "conflict", theirs: value ?? null, by, at, reason: text || "" });
    } else if (newer) {
      entry.state = "waiting";
    } else {
      Object.assign(entry, { state: "fault", reason: cell.text || say("refused") });
    }
  }

  /** A tick at the cells that were saved, for a moment. */
  #flash(cells) {
    const keys = cells.map(({ row, field }) => this.key(row, field));
    keys.forEach((key) => this.flashes.add(key));
    setTimeout(() => {
      keys.forEach((key) => this.flashes.delete(key));
      this.#tell(cells);
    }, FLASH_MS);
  }

  /** Rows as they are stored now; what is typed over them stays. */
  fresh(rows) {
    for (const row of rows) {
      const known = this.rows.get(row.id);
      if (known) {
        for (const name of Object.keys(known)) {
          if (!(name in row)) {
            delete known[name];
          }
        }
        Object.assign(known, row);
      }
    }
    this.dispatchEvent(new CustomEvent("rows", { detail: rows.map((row) => row.id) }));
  }

  /** Put mine over theirs: sent again, now knowing their value. */
  keepMine(row, field) {
    const entry = this.entry(row, field);
    Object.assign(entry, { state: "waiting", was: entry.theirs, reason: "" });
    this.#tell([entry]);
  }

  /** Let a typed value go: theirs, or what is stored, stands. */
  letGo(row, field) {
    const entry = this.entry(row, field);
    if (entry.state === "conflict") {
      this.rows.get(row)[field] = entry.theirs;
    }
    this.entries.delete(this.key(row, field));
    this.#tell([entry]);
  }

  /** How many are on their way, kept for later, refused, in conflict. */
  counts() {
    const counts = { waiting: 0, failed: 0, fault: 0, conflict: 0 };
    for (const entry of this.entries.values()) {
      counts[entry.state] += 1;
    }
    return counts;
  }

  #tell(cells) {
    if (cells.length) {
      this.dispatchEvent(new CustomEvent("cells", { detail: cells.map(({ row, field }) => ({ row, field })) }));
    }
  }
}
