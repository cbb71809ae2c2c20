// Sends what was typed: one request at a time, again after a broken line, again after signing in elsewhere.
import { post } from "./post.js";

const MOST = 10_000;
const GATHER_MS = 30;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;
const SIGNED_OUT_WAIT_MS = 20_000;
const PATIENCE_MS = 60_000; // then it is sent again: what was saved all the same is answered as such

export class Queue extends EventTarget {
  constructor(store, setup, say) {
    super();
    Object.assign(this, { store, setup, say });
    this.timer = null;
    this.sending = false;
    this.rounds = 0;
    this.signedOut = false;
    this.wait = FIRST_WAIT_MS;
    this.single = false; // a row among those sent is not ours any more: one row at a time shows which
    store.addEventListener("cells", () => this.#later(GATHER_MS, false));
    addEventListener("online", () => this.#later(0, true));
    addEventListener("focus", () => this.signedOut && this.#later(0, true));
    document.addEventListener("visibilitychange", () => this.signedOut && !document.hidden && this.#later(0, true));
    addEventListener("beforeunload", (event) => {
      if (store.entries.size) {
        event.preventDefault();
        event.returnValue = "yes"; // for browsers of some years ago
      }
    });
  }

  /** Send soon; after a failure only a new try (`again`) does, not another typed cell. */
  #later(delay, again) {
    const { waiting, failed } = this.store.counts();
    if (this.sending || !(waiting || failed) || (failed && !again && this.timer)) {
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#send(), delay);
  }

  async #send() {
    this.timer = null;
    const taken = this.store.take(MOST, this.single);
    if (!taken.length || this.sending) {
      return;
    }
    this.sending = true;
    this.rounds += 1;
    this.dispatchEvent(new Event("state"));
    try {
      await this.#ask(taken);
    } catch {
      this.#broken(taken, this.say(navigator.onLine ? "no_line" : "offline"), this.#longer());
    }
    this.sending = false;
    this.dispatchEvent(new Event("state"));
    const { waiting, failed } = this.store.counts();
    this.single = this.single && waiting > 0;
    if (failed === 0) {
      this.#later(0, true);
    }
  }

  async #ask(taken) {
    const cells = taken.map((entry) => this.store.outgoing(entry));
    const { urls, month, person } = this.setup;
    const answer = await post(urls.save, { month, person, cells }, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
      this.#away(taken, answer);
    } else if (answer.ok) {
      const said = await answer.json();
      this.signedOut = false;
      this.wait = FIRST_WAIT_MS;
      this.store.answered(taken, said);
    } else if (answer.status >= 500 || answer.status === 429) {
      this.#broken(taken, this.say("server_fault"), this.#longer());
    } else if (answer.status === 404 && taken.some((entry) => entry.row !== taken[0].row)) {
      this.single = true;
      this.store.again(taken);
    } else {
      this.store.refused(taken, this.say(answer.status === 404 ? "gone" : "refused"));
    }
  }

  /** Signed out, or signed in as someone who may not: said, kept, tried again when the person comes back. */
  #away(taken, answer) {
    this.signedOut = true;
    this.#broken(taken, this.say(answer.status === 403 ? "forbidden" : "signed_out"), SIGNED_OUT_WAIT_MS);
  }

  #broken(taken, reason, wait) {
    this.store.failed(taken, reason);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#send(), wait);
  }

  #longer() {
    const wait = this.wait;
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    return wait;
  }
}
