// Results on their way: kept in this tab until the server has answered, sent again with the key made at the tap, so that
// none is lost and none counts twice. Ids, keys and results only: never a name or a number.
import { post } from "./post.js";

const KEPT = "gridops.work";
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;
const SIGNED_OUT_WAIT_MS = 20_000;
const PATIENCE_MS = 30_000; // then it is sent again: what was recorded all the same is answered as such

/** Events: state; answered {entry, html}; refused {entry, reason, text}. */
export class Outbox extends EventTarget {
  constructor(person, urls) {
    super();
    Object.assign(this, { person, urls, entries: [], problem: "", wait: FIRST_WAIT_MS, timer: null, sending: false });
    this.#load();
    addEventListener("online", () => this.send());
    addEventListener("focus", () => this.problem && this.send());
    document.addEventListener("visibilitychange", () => this.problem && !document.hidden && this.send());
  }

  has(kind, id) {
    return this.entries.some((entry) => entry.kind === kind && entry.id === id);
  }

  add(entry) {
    this.entries.push(entry);
    this.#keep();
    if (!this.problem) {
      this.send(); // after a failure the next try takes all
    }
    this.#tell();
  }

  forget() {
    this.entries = [];
    this.#keep();
  }

  async send() {
    clearTimeout(this.timer);
    if (this.sending || !this.entries.length) {
      return;
    }
    this.sending = true;
    this.#tell();
    while (this.entries.length && (await this.#sendFirst()));
    this.sending = false;
    this.#tell();
  }

  /** Whether the next one may go. */
  async #sendFirst() {
    const [entry] = this.entries;
    let answer;
    let said;
    try {
      const url = this.urls[entry.kind].replace("/0/", `/${entry.id}/`);
      answer = await post(url, entry.data, { signal: AbortSignal.timeout(PATIENCE_MS) });
      said = answer.ok || answer.status === 422 ? await answer.json() : null;
    } catch {
      return this.#broken(navigator.onLine ? "no_line" : "offline", this.#longer());
    }
    if (answer.type === "opaqueredirect" || answer.status === 401) {
      return this.#broken("signed_out", SIGNED_OUT_WAIT_MS);
    }
    if (answer.status >= 500 || answer.status === 429) {
      return this.#broken("server_fault", this.#longer());
    }
    this.entries = this.entries.filter((other) => other !== entry);
    Object.assign(this, { problem: "", wait: FIRST_WAIT_MS });
    this.#keep();
    if (answer.ok) {
      this.dispatchEvent(new CustomEvent("answered", { detail: { entry, html: said.html } }));
    } else {
      const reason = answer.status === 403 ? "forbidden" : answer.status === 404 ? "gone" : "refused";
      this.dispatchEvent(new CustomEvent("refused", { detail: { entry, reason, text: said?.error } }));
    }
    return true;
  }

  #broken(problem, wait) {
    this.problem = problem;
    this.timer = setTimeout(() => this.send(), wait);
    return false;
  }

  #longer() {
    const { wait } = this;
    this.wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    return wait;
  }

  #tell() {
    this.dispatchEvent(new Event("state"));
  }

  /** What the tab still holds, when it is this person's. */
  #load() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT));
      this.entries = kept?.person === this.person ? kept.entries : [];
    } catch {
      this.entries = [];
    }
    this.#keep();
  }

  #keep() {
    try {
      if (this.entries.length) {
        sessionStorage.setItem(KEPT, JSON.stringify({ person: this.person, entries: this.entries }));
      } else {
        sessionStorage.removeItem(KEPT);
      }
    } catch {
      // A window without storage keeps them as long as the page is open.
    }
  }
}
