// What the server answers, brought into the page: each field's new state, and the parts that look different now.
import { say } from "./autosave_fields.js";

export class Answers {
  constructor(autosave) {
    this.autosave = autosave;
    autosave.fields.choose = (key, mine) => (mine ? autosave.keepMine(key) : autosave.letGo(key));
  }

  take(taken, said) {
    const cells = new Map((said.cells ?? []).map((cell) => [`${cell.line}|${cell.field}`, cell]));
    for (const entry of taken) {
      const { newer } = entry;
      Object.assign(entry, { sent: false, newer: false });
      this.#settle(entry, cells.get(entry.key), newer);
      this.autosave.fields.mark(entry.key);
    }
    if (said.version) {
      document.querySelectorAll("input[name=version]").forEach((input) => (input.value = said.version));
    }
    this.#others(said.stored ?? []);
    Object.entries(said.html ?? {}).forEach(([id, html]) => this.#replace(id, html));
  }

  #settle(entry, cell, newer) {
    const { autosave } = this;
    const { entries, fields } = autosave;
    if (!cell) {
      entry.state = "failed";
    } else if (cell.state === "saved" || cell.state === "same") {
      fields.store(entry.key, cell.value, !newer && document.activeElement !== fields.input(entry.key));
      autosave.savedAt = new Date();
      if (newer && entry.text !== cell.value) {
        Object.assign(entry, { state: "waiting", was: cell.value });
      } else {
        entries.delete(entry.key);
        fields.flash(entry.key);
      }
    } else if (cell.state === "conflict") {
      Object.assign(entry, { state: "conflict", theirs: cell.value, reason: cell.text });
    } else if (cell.state === "locked") {
      autosave.locked = true;
      Object.assign(entry, { state: "locked", reason: cell.text });
    } else if (newer && cell.state === "fault") {
      entry.state = "waiting";
    } else {
      Object.assign(entry, { state: cell.state, reason: cell.text || say("refused") });
    }
  }

  /** The server will never take these as they are. */
  refused(taken, reason) {
    for (const entry of taken) {
      Object.assign(entry, { sent: false, newer: false, state: "fault", reason: say(reason) });
      this.autosave.fields.mark(entry.key);
    }
  }

  /** What others wrote meanwhile stands in the fields that nobody is typing into here. */
  #others(stored) {
    const { entries, fields } = this.autosave;
    for (const [line, field, value] of stored) {
      const key = `${line}|${field}`;
      const input = fields.input(key);
      if (input && !entries.has(key) && input.dataset.was !== value) {
        fields.store(key, value, document.activeElement !== input || fields.text(input) === fields.read(input).was);
        fields.flash(key);
      }
    }
  }

  /** An element as it looks now; of one that is being worked in only the parts that hold nothing typed. */
  #replace(id, html) {
    const old = document.getElementById(id);
    const made = document.createElement("template");
    made.innerHTML = html;
    const fresh = made.content.firstElementChild;
    if (!old || !fresh) {
      return;
    }
    if (!this.#busy(old)) {
      this.#put(old, fresh);
      return;
    }
    for (const part of fresh.querySelectorAll("[data-live][id]")) {
      const there = document.getElementById(part.id);
      if (there && old.contains(there) && !this.#busy(there)) {
        this.#put(there, part);
      }
    }
  }

  #busy(element) {
    const { entries, fields } = this.autosave;
    return element.contains(document.activeElement) || [...entries.keys()].some((key) => element.contains(fields.input(key) ?? null));
  }

  #put(old, fresh) {
    for (const open of old.querySelectorAll("details[open][id]")) {
      fresh.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute("open", "");
    }
    old.replaceWith(fresh);
    window.htmx?.process(fresh);
  }
}
