// What the phone keeps of one person: the pack, visits begun, visits and calls that wait. In the browser's database; where
// a browser refuses that, in memory, and `lasting` is false.
import { DATABASE } from "./field_keep.js";

const STORES = { kept: "name", drafts: "key", queue: "key" };

export async function openStore() {
  try {
    return new Store(await opened());
  } catch {
    return new Store(null);
  }
}

function opened() {
  return new Promise((done, fail) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      Object.entries(STORES).forEach(([name, keyPath]) => request.result.createObjectStore(name, { keyPath }));
    };
    request.onsuccess = () => {
      // Another tab signs out: it must not wait for this one.
      request.result.onversionchange = () => request.result.close();
      done(request.result);
    };
    request.onerror = () => fail(request.error);
  });
}

class Store {
  #base;

  #memory = Object.fromEntries(Object.keys(STORES).map((name) => [name, new Map()]));

  constructor(base) {
    this.#base = base;
  }

  get lasting() {
    return Boolean(this.#base);
  }

  async get(name, key) {
    return this.#base ? this.#read(name, (store) => store.get(key)) : this.#memory[name].get(key);
  }

  async all(name) {
    return this.#base ? this.#read(name, (store) => store.getAll()) : [...this.#memory[name].values()];
  }

  /** Writes all or nothing: [name, row] is put, [name, null, key] is taken out. Fails when the phone is full. */
  write(...changes) {
    if (!this.#base) {
      changes.forEach(([name, row, key]) => (row ? this.#memory[name].set(row[STORES[name]], row) : this.#memory[name].delete(key)));
      return Promise.resolve();
    }
    return new Promise((done, fail) => {
      // Strict: what was said to be kept is on the disk, also when the phone goes out the next moment.
      const work = this.#base.transaction(changes.map(([name]) => name), "readwrite", { durability: "strict" });
      work.oncomplete = () => done();
      work.onabort = () => fail(work.error);
      changes.forEach(([name, row, key]) => (row ? work.objectStore(name).put(row) : work.objectStore(name).delete(key)));
    });
  }

  #read(name, ask) {
    return new Promise((done, fail) => {
      const request = ask(this.#base.transaction(name).objectStore(name));
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error);
    });
  }
}
