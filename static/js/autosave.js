// Saves each field of a form as it is filled. Nothing typed is dropped: a broken line, signing in elsewhere, someone
// else's change and a plan that was handed in meanwhile leave it where it was typed, and say so.
import { Answers } from "./autosave_answers.js";
import { Fields, say } from "./autosave_fields.js";
import { post } from "./post.js";

const TYPING_MS = 1_500;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;
const SIGNED_OUT_WAIT_MS = 20_000;
const PATIENCE_MS = 60_000; // then it is sent again: what was saved all the same is answered as such
const LEAVING_MS = 4_000;
const MOST = 500;
const OPEN = ["waiting", "failed"]; // states of what is still to be sent

/** What was typed and is not saved yet, and the sending of it, for one form. */
class Autosave {
  constructor(form) {
    this.form = form;
    this.fields = new Fields(form, (key) => this.entries.get(key));
    this.entries = new Map(); // key -> {line, field, text, was, state, sent, newer, theirs, reason}
    this.answers = new Answers(this);
    Object.assign(this, { timer: null, sending: null, wait: FIRST_WAIT_MS, savedAt: null, locked: false, problem: "" });
    for (const input of this.fields.all()) {
      if (input.dataset.unsaved !== undefined) {
        this.#put(input, "conflict");
      }
    }
    this.#listen();
    this.show();
  }

  #listen() {
    document.addEventListener("input", (event) => this.#typed(event.target, TYPING_MS));
    document.addEventListener("change", (event) => this.#typed(event.target, 0));
    document.addEventListener("focusout", (event) => this.fields.has(event.target) && this.#left(event.target));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.target.tagName === "INPUT" || event.target.rows === 1) && this.fields.has(event.target)) {
        event.preventDefault(); // it would send the whole form
        this.#later(0);
      }
    });
    addEventListener("online", () => this.#later(0, true));
    addEventListener("focus", () => this.problem && this.#later(0, true));
    addEventListener("beforeunload", (event) => {
      if (this.entries.size) {
        event.preventDefault();
        event.returnValue = "yes"; // for browsers of some years ago
      }
    });
    addEventListener("submit", (event) => this.#leaving(event, () => event.target.requestSubmit(event.submitter)), true);
    addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href]");
      const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
      if (link && plain && !link.target && !link.download && !link.getAttribute("href").startsWith("#")) {
        this.#leaving(event, () => location.assign(link.href));
      }
    }, true);
    // a part of the page that htmx asks for comes after what was typed
    document.addEventListener("htmx:confirm", (event) => this.#leaving(event, () => event.detail.issueRequest(true)));
    document.addEventListener("htmx:afterSettle", () => this.show());
  }

  // --- Typing ---

  #typed(input, delay) {
    if (!this.fields.has(input)) {
      return;
    }
    if (input.validity.badInput) {
      this.#half(input, "typing", ""); // half a date reads as nothing: it would be taken for an emptied field
    } else {
      this.#put(input, "waiting");
    }
    this.show();
    this.#later(delay);
  }

  #left(input) {
    if (input.validity.badInput) {
      this.#half(input, "fault", say("unreadable"));
      this.show();
    }
    this.#later(0);
  }

  /** Something that is no value yet: kept, not sent. */
  #half(input, state, reason) {
    const { key, line, field, was } = this.fields.read(input);
    const old = this.entries.get(key);
    if (!old?.sent) {
      this.entries.set(key, { key, line, field, text: was, was: old?.was ?? was, state, reason, sent: false, newer: false });
      this.fields.mark(key);
    }
  }

  #put(input, state) {
    const { key, line, field, was } = this.fields.read(input);
    const text = this.fields.text(input);
    const old = this.entries.get(key);
    if (old?.sent) {
      Object.assign(old, { text, newer: true }); // its `was` is known when the answer is here
    } else if (old?.state === "conflict" || old?.state === "gone" || old?.state === "locked") {
      old.text = text;
    } else if (text === was && state === "waiting") {
      this.entries.delete(key);
    } else {
      const theirs = state === "conflict" ? was : undefined;
      const reason = state === "conflict" ? input.dataset.unsaved : "";
      this.entries.set(key, { key, line, field, text, was, state, theirs, reason, sent: false, newer: false });
    }
    this.fields.mark(key);
  }

  /** Put mine over theirs: sent again, now knowing their value. */
  keepMine(key) {
    const entry = this.entries.get(key);
    Object.assign(entry, { state: "waiting", was: entry.theirs, reason: "" });
    this.#settled(key);
  }

  /** Let what was typed go: what is stored stands. */
  letGo(key) {
    const entry = this.entries.get(key);
    this.entries.delete(key);
    this.fields.store(key, entry.theirs ?? entry.was ?? "", true);
    this.#settled(key);
  }

  #settled(key) {
    this.fields.mark(key);
    this.fields.input(key)?.focus();
    this.show();
    this.#later(0);
  }

  counts(...states) {
    return [...this.entries.values()].filter((entry) => states.includes(entry.state)).length;
  }

  // --- Sending: one request at a time ---

  /** Send soon; after a failure only a new try (`again`) does, not another key. */
  #later(delay, again = false) {
    if (this.sending || this.locked || !this.counts(...OPEN) || (this.problem && !again && this.timer)) {
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  send() {
    clearTimeout(this.timer);
    this.timer = null;
    this.sending ??= this.#send().finally(() => {
      this.sending = null;
      this.show();
      this.#later(0);
    });
    return this.sending;
  }

  async #send() {
    const taken = [...this.entries.values()].filter((entry) => OPEN.includes(entry.state)).slice(0, MOST);
    if (!taken.length) {
      return;
    }
    taken.forEach((entry) => Object.assign(entry, { sent: true, newer: false, state: "waiting" }));
    this.show();
    try {
      await this.#ask(taken);
    } catch {
      this.#broken(taken, navigator.onLine ? "no_line" : "offline", this.#longer());
    }
  }

  async #ask(taken) {
    const cells = taken.map(({ line, field, text, was }) => ({ line, field, value: text, was }));
    const version = Number(this.form.querySelector("input[name=version]")?.value) || null;
    const body = { cells, version };
    if (this.form.dataset.person) {
      body.person = Number(this.form.dataset.person);
    }
    const answer = await post(this.form.dataset.autosave, body, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      this.#broken(taken, answer.status === 403 ? "forbidden" : "signed_out", SIGNED_OUT_WAIT_MS);
    } else if (answer.ok) {
      const said = await answer.json();
      Object.assign(this, { problem: "", wait: FIRST_WAIT_MS });
      this.answers.take(taken, said);
    } else if (answer.status >= 500 || answer.status === 429) {
      this.#broken(taken, "server_fault", this.#longer());
    } else {
      this.answers.refused(taken, answer.status === 404 ? "not_found" : "refused");
    }
  }

  /** The line broke, or nobody is signed in any more: kept, said, tried again. */
  #broken(taken, problem, wait) {
    taken.forEach((entry) => Object.assign(entry, { sent: false, newer: false, state: "failed" }));
    this.problem = problem;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  #longer() {
    const wait = this.wait;
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    return wait;
  }

  // --- Leaving the page, or asking for another part of it ---

  /** What was typed goes first; what can't be saved keeps the person here, with the reason in sight. */
  #leaving(event, onward) {
    const whole = event.type === "submit" && (event.target === this.form || "needsSaved" in event.target.dataset);
    if (!this.counts(...OPEN) && !(whole && this.entries.size)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const patience = new Promise((resolve) => setTimeout(resolve, LEAVING_MS));
    Promise.race([this.#all(), patience]).then(() => {
      if (this.entries.size === 0 || (!whole && !this.counts(...OPEN))) {
        onward();
      } else {
        this.fields.goTo([...this.entries.keys()][0]);
      }
    });
  }

  async #all() {
    do {
      await this.send();
    } while (this.counts(...OPEN) && !this.locked && !this.problem);
  }

  /** One line says how it stands. */
  show() {
    const state = this.locked ? "locked"
      : this.sending ? "saving"
      : this.counts("failed") ? this.problem || "no_line"
      : this.counts("conflict") ? "conflict"
      : this.counts("fault", "gone") ? "fault"
      : this.entries.size ? "typing"
      : this.savedAt ? "saved" : "ready";
    this.fields.state(state, this.savedAt, this.entries.size);
  }
}

document.querySelectorAll("form[data-autosave]").forEach((form) => new Autosave(form));
