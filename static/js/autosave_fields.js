// The fields of a form that saves itself: what stands in them, what is said at them, and the line that says how it stands.
const FLASH_MS = 2_500;
const clock = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { hour: "2-digit", minute: "2-digit" });
const words = new Map();
for (const element of document.getElementById("autosave-words")?.content.querySelectorAll("[data-word]") ?? []) {
  words.set(element.dataset.word, element.textContent.trim());
}

/** The text called `name`, as the server wrote it, with `{n}` and the like filled in. */
export function say(name, values = {}) {
  return (words.get(name) ?? name).replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

const keyOf = (line, field) => `${line}|${field}`;
const plain = (text) => text.replace(/\r\n?/g, "\n");

export class Fields {
  constructor(form, entryOf) {
    Object.assign(this, { form, entryOf });
  }

  has(element) {
    return Boolean(element?.dataset?.line && element.dataset.field && element.form === this.form);
  }

  all() {
    return [...this.form.elements].filter((element) => this.has(element));
  }

  input(key) {
    return this.all().find((element) => keyOf(element.dataset.line, element.dataset.field) === key);
  }

  read(input) {
    const { line, field, was } = input.dataset;
    return { key: keyOf(line, field), line, field, was: plain(was ?? "") };
  }

  text(input) {
    if (input.type === "checkbox") {
      return input.checked ? "True" : "False";
    }
    return input.rows === 1 ? plain(input.value).replaceAll("\n", " ") : plain(input.value);
  }

  /** What is stored now stands in the field's memory, and in the field itself where `shown`. */
  store(key, value, shown) {
    const input = this.input(key);
    if (!input) {
      return;
    }
    input.dataset.was = value;
    if (!shown) {
      return;
    }
    if (input.type === "checkbox") {
      input.checked = value === "True";
    } else if (plain(input.value) !== plain(value)) {
      input.value = value;
    }
  }

  // --- What is said at a field ---

  /** Show at the field how its entry stands: refused with a reason, or both values with a choice. */
  mark(key) {
    const input = this.input(key);
    if (!input) {
      return;
    }
    const entry = this.entryOf(key);
    const told = ["fault", "conflict", "gone", "locked"].includes(entry?.state);
    input.classList.toggle("is-invalid", told);
    input.toggleAttribute("aria-invalid", told);
    const id = `autosave-${key.replace(/\W+/g, "-")}`;
    const old = document.getElementById(id);
    if (!told || !entry.reason) {
      old?.remove();
      this.#describe(input, id, false);
      return;
    }
    const note = this.#note(id, entry);
    if (old) {
      old.replaceWith(note);
    } else {
      (input.closest(".form-check") ?? input).after(note);
    }
    this.#describe(input, id, true);
  }

  #describe(input, id, described) {
    const others = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((part) => part && part !== id);
    const all = described ? [...others, id] : others;
    if (all.length) {
      input.setAttribute("aria-describedby", all.join(" "));
    } else {
      input.removeAttribute("aria-describedby");
    }
  }

  #note(id, entry) {
    const note = document.createElement("div");
    note.id = id;
    note.className = `autosave-note autosave-${entry.state}`;
    note.setAttribute("role", "alert");
    const text = document.createElement("span");
    text.textContent = entry.reason;
    note.append(text);
    if (entry.state === "conflict") {
      note.append(this.#button(entry.key, "mine"), this.#button(entry.key, "theirs"));
    } else if (entry.state === "gone") {
      note.append(this.#button(entry.key, "let_go"));
    }
    return note;
  }

  #button(key, what) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = say(what);
    button.addEventListener("click", () => this.choose(key, what === "mine"));
    return button;
  }

  /** A tick at what was saved, for a moment. */
  flash(key) {
    const input = this.input(key);
    input?.classList.add("autosave-saved");
    setTimeout(() => input?.classList.remove("autosave-saved"), FLASH_MS);
  }

  goTo(key) {
    const input = this.input(key);
    input?.scrollIntoView({ block: "center" });
    input?.focus({ preventScroll: true });
  }

  /** The line that says how it stands: every one of the page. */
  state(name, savedAt, count) {
    const text = say(name, { time: savedAt ? clock.format(savedAt) : "", n: count });
    for (const line of document.querySelectorAll("[data-autosave-state]")) {
      line.dataset.autosaveState = name;
      const words = line.querySelector("[data-autosave-text]") ?? line;
      if (words.textContent !== text) {
        words.textContent = text;
      }
    }
  }
}
