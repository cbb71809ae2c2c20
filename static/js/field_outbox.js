// What waits on the phone is sent one after the other, with the key made when it was begun: sent twice it counts once.
// Of several tabs one sends. What the server refuses stays here until somebody mends it or throws it away.
import { setMark } from "./field_keep.js";
import { csrfToken } from "./post.js";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 120_000;
const TOLD_MS = 200; // another tab sends many: its changes are read together
const PATIENCE_MS = 180_000; // photos over a slow line; then it is sent again
const LOCK = "gridops.field.send";
const LEASE_MS = PATIENCE_MS + 5_000;
const REASONS = { 404: "gone", 409: "clash", 413: "tooLarge" };

/** Events: state (anything changed); sent (detail: the entry); person (somebody else is signed in). */
export class FieldOutbox extends EventTarget {
  constructor(store, person, urls) {
    super();
    Object.assign(this, { store, person, urls, entries: [], problem: "", wait: FIRST_WAIT_MS, timer: null, told: null, sending: false });
    this.channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("gridops.field");
    this.channel?.addEventListener("message", () => {
      this.told ??= setTimeout(() => {
        this.told = null;
        this.reload();
      }, TOLD_MS);
    });
    addEventListener("online", () => this.send());
    addEventListener("focus", () => this.send());
    document.addEventListener("visibilitychange", () => !document.hidden && this.send());
  }

  get waiting() {
    return this.entries.filter((entry) => entry.state === "waiting");
  }

  get refused() {
    return this.entries.filter((entry) => entry.state === "refused");
  }

  /** Read anew: other tabs change it too. */
  async reload() {
    const all = (await this.store.all("queue")).filter((entry) => entry.person === this.person);
    this.entries = all.sort((one, other) => one.said.localeCompare(other.said));
    this.drafts = (await this.store.all("drafts")).filter((draft) => draft.person === this.person);
    this.#tell();
  }

  #tell() {
    setMark({ waiting: this.entries.length + this.drafts.length });
    this.dispatchEvent(new Event("state"));
  }

  /** Kept on the phone first, its draft with it gone; then sent. */
  async add(entry) {
    await this.store.write(["queue", { ...entry, state: "waiting", errors: {}, tried: false }], ["drafts", null, entry.key]);
    await this.#changed();
    this.send();
  }

  async discard(key) {
    await this.store.write(["queue", null, key], ["drafts", null, key]);
    await this.#changed();
  }

  /** Back to the form; null: it may have arrived already and can't be changed; undefined: something is just being sent. */
  async takeBack(key) {
    return this.sending ? undefined : this.#alone(async () => {
      const entry = await this.store.get("queue", key);
      if (!entry || (entry.tried && entry.state === "waiting")) {
        return null;
      }
      if (entry.state === "waiting") {
        await this.store.write(["drafts", { ...entry, state: "" }], ["queue", null, key]);
        await this.#changed();
      }
      return entry;
    });
  }

  /** `asked`: somebody wants it tried, whatever the browser thinks of the line. */
  async send(asked = false) {
    clearTimeout(this.timer);
    if (this.sending || !this.person) {
      return;
    }
    if (!asked && !navigator.onLine && this.waiting.length) {
      this.#broken("offline");
      this.dispatchEvent(new Event("state"));
      return;
    }
    this.sending = true;
    try {
      const mine = await this.#alone(() => this.#turn());
      if (mine === undefined) {
        this.#later(FIRST_WAIT_MS); // another tab is at it
      }
    } finally {
      this.sending = false;
      this.dispatchEvent(new Event("state"));
    }
  }

  async #turn() {
    const given = new Set(); // one round at most for each
    for (;;) {
      await this.reload();
      const left = this.waiting.filter((entry) => !given.has(entry.key));
      if (!left.length) {
        return true;
      }
      for (const { key } of left) {
        given.add(key);
        renew();
        if (!(await this.#sendOne(key))) {
          return true;
        }
      }
    }
  }

  /** Whether the next one may go. */
  async #sendOne(key) {
    const entry = await this.store.get("queue", key);
    if (entry?.state !== "waiting") {
      return true; // thrown away, or taken back to the form
    }
    if (!entry.tried) {
      await this.store.write(["queue", { ...entry, tried: true }]); // from now on it may have arrived
    }
    let answer;
    let said = null;
    try {
      answer = await this.#post(entry);
      said = answer.ok || answer.status === 422 ? await answer.json() : null;
    } catch {
      return this.#broken(navigator.onLine ? "noLine" : "offline");
    }
    if (answer.type === "opaqueredirect" || answer.status === 401) {
      return this.#broken("signedOut");
    }
    if (answer.status === 412) {
      this.dispatchEvent(new Event("person"));
      return this.#broken("signedOut");
    }
    if (answer.status === 403) {
      await fetch(this.urls.page, { credentials: "same-origin" }).catch(() => null); // perhaps only the cookie is old
      return this.#broken("forbidden");
    }
    if (answer.status >= 500 || answer.status === 429) {
      return this.#broken("serverFault");
    }
    Object.assign(this, { problem: "", wait: FIRST_WAIT_MS });
    if (answer.ok) {
      await this.#arrived(entry);
    } else {
      const errors = said?.errors ?? { "": [REASONS[answer.status] ?? "refused"] };
      await this.store.write(["queue", { ...entry, tried: false, state: "refused", errors }]);
      await this.reload();
    }
    this.channel?.postMessage("changed");
    return true;
  }

  #post({ kind, outlet, fields, photos, person }) {
    const body = new FormData();
    Object.entries(fields).forEach(([name, values]) => values.forEach((value) => body.append(name, value)));
    (photos ?? []).forEach((photo) => body.append(photo.piece ? `photo_${photo.piece}` : "photos", photo.blob, photo.name));
    return fetch(this.urls[kind].replace("/0/", `/${outlet}/`), {
      method: "POST",
      redirect: "manual",
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken(), "X-Person": person },
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  }

  /** It counts as done on the list from now on, until the next pack says so. */
  async #arrived(entry) {
    const kept = await this.store.get("kept", "pack");
    const outlet = kept?.pack.outlets.find((one) => one.id === entry.outlet);
    const counted = entry.kind === "visit" ? "visits_done" : entry.fields.reached[0] === "yes" && "calls_done";
    const changes = [["queue", null, entry.key]];
    if (outlet && counted) {
      outlet[counted] += 1;
      changes.push(["kept", kept]);
    }
    await this.store.write(...changes);
    this.entries = this.entries.filter((other) => other.key !== entry.key);
    this.#tell();
    this.dispatchEvent(new CustomEvent("sent", { detail: entry }));
  }

  #broken(problem) {
    this.problem = problem;
    this.#later(this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    return false;
  }

  #later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  async #changed() {
    await this.reload();
    this.channel?.postMessage("changed");
  }

  /** Done by this tab alone; undefined when another one is at it. */
  async #alone(work) {
    if (navigator.locks) {
      return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
    }
    if (!lease()) {
      return undefined;
    }
    try {
      return await work();
    } finally {
      localStorage.removeItem(LOCK);
    }
  }
}

// --- Over plain http there are no locks: a lease in the storage that tabs share, which runs out with its tab ---

const ME = String(Math.random());

function lease() {
  try {
    const { who, until } = JSON.parse(localStorage.getItem(LOCK)) ?? {};
    if (who !== ME && until > Date.now()) {
      return false;
    }
    renew();
    return JSON.parse(localStorage.getItem(LOCK)).who === ME;
  } catch {
    return true; // no storage: nothing is shared with other tabs
  }
}

function renew() {
  if (!navigator.locks) {
    try {
      localStorage.setItem(LOCK, JSON.stringify({ who: ME, until: Date.now() + LEASE_MS }));
    } catch {
      // as above
    }
  }
}
