// The one input of the grid. It lies over the chosen cell, unseen until someone types: so an input method starts in it.
const MODES = { integer: "numeric", decimal: "decimal", percent: "decimal" };

export class Editor extends EventTarget {
  constructor(wrapper) {
    super();
    this.wrapper = wrapper;
    this.input = wrapper.querySelector("[data-editor]");
    this.list = wrapper.querySelector("[data-choices]");
    this.open = false;
    this.typed = false; // begun by typing: arrows leave the cell, as in a spreadsheet
    this.column = null;
    this.input.addEventListener("input", () => this.#onInput());
    this.input.addEventListener("focus", () => wrapper.classList.add("has-focus"));
    this.input.addEventListener("blur", () => wrapper.classList.remove("has-focus"));
    this.list.addEventListener("mousedown", (event) => this.#onPick(event));
  }

  focus() {
    this.input.focus({ preventScroll: true });
  }

  /** The cell that the input now stands for; without an element it waits out of sight. */
  over(element, column, label) {
    this.column = column;
    this.input.inputMode = MODES[column.kind] ?? "text";
    this.input.setAttribute("aria-label", label);
    this.place(element);
  }

  place(element) {
    const seen = element !== null;
    this.wrapper.classList.toggle("cell-out-of-sight", !seen);
    if (!seen) {
      return;
    }
    const [box, home] = [element.getBoundingClientRect(), this.wrapper.getBoundingClientRect()];
    const { style } = this.input;
    style.left = `${box.left - home.left}px`;
    style.top = `${box.top - home.top}px`;
    style.height = `${box.height}px`;
    style.width = `${box.width}px`;
    this.list.style.left = style.left;
    this.list.style.top = `${box.bottom - home.top}px`;
    this.list.style.minWidth = style.width;
  }

  /** Begin: with the text of the cell (F2, a double click), or empty (Backspace). */
  begin(text) {
    this.input.value = text;
    this.#show(false);
    this.input.setSelectionRange(text.length, text.length);
  }

  #show(typed) {
    this.open = true;
    this.typed = typed;
    this.wrapper.classList.add("is-editing");
    if (this.column.kind === "choice") {
      this.#offer(typed ? this.input.value : "");
    }
    this.dispatchEvent(new Event("begun"));
  }

  #onInput() {
    if (!this.open) {
      if (!this.allowed()) {
        this.input.value = "";
        return;
      }
      this.#show(true);
    } else if (this.column.kind === "choice") {
      this.#offer(this.input.value);
    }
  }

  /** Close; answers what was typed. */
  end() {
    const marked = this.#marked();
    const text = marked && !this.list.hidden && this.input.value.trim() ? marked.textContent : this.input.value;
    this.close();
    return text;
  }

  close() {
    this.open = false;
    this.input.value = "";
    this.list.hidden = true;
    this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-expanded", "false");
    this.wrapper.classList.remove("is-editing");
  }

  #offer(part) {
    const wanted = part.trim().toLowerCase();
    const found = this.column.choices.filter(([, label]) => label.toLowerCase().includes(wanted));
    this.list.replaceChildren(...found.map(([, label], n) => this.#option(label, n)));
    this.list.hidden = !found.length;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    const exact = found.findIndex(([, label]) => label.toLowerCase() === wanted);
    this.#mark(wanted ? Math.max(0, exact) : found.findIndex(([, label]) => label === this.input.value));
  }

  #option(label, n) {
    const option = document.createElement("li");
    option.id = `ledger-choice-${n}`;
    option.setAttribute("role", "option");
    option.textContent = label;
    return option;
  }

  #marked() {
    return this.list.querySelector("[aria-selected=true]");
  }

  #mark(place) {
    this.#marked()?.removeAttribute("aria-selected");
    const option = this.list.children[place];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    }
  }

  /** Up and down in the list of choices; false when there is none. */
  step(by) {
    if (this.list.hidden) {
      return false;
    }
    const options = [...this.list.children];
    const next = (options.indexOf(this.#marked()) + by + options.length) % options.length;
    this.#mark(next);
    this.input.value = options[next].textContent;
    return true;
  }

  #onPick(event) {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) {
      this.input.value = option.textContent;
      this.list.hidden = true;
      this.dispatchEvent(new Event("picked"));
    }
  }

  /** Whether the cell below may be typed into: the cursor says so. */
  allowed() {
    return true;
  }

  announce(text) {
    this.wrapper.querySelector("[data-announce]").textContent = text;
  }

  refuse() {
    this.dispatchEvent(new Event("refused"));
  }
}
