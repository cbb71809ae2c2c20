// The grid itself: columns, filters, sorting and totals by Tabulator, which draws only the rows in sight.
import { NUMBERS, say, shown, written } from "./ledger_words.js";

/* global Tabulator */
const ROW_HEIGHT = 34;
const LEAST_HEIGHT = 320;
const TOTALS_MS = 250;

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) {
    element.textContent = text;
  }
  return element;
}

/** Fill a cell's element: the value, what was typed over it, and its mark. Returns what stands inside. */
function draw(store, element, id, column) {
  const row = store.rows.get(id);
  const entry = store.entry(id, column.field);
  const questions = row._q?.[column.field] ?? [];
  const state = entry ? entry.state : store.flashes.has(store.key(id, column.field)) ? "saved" : "";
  for (const name of ["waiting", "failed", "fault", "conflict", "saved"]) {
    element.classList.toggle(`is-${name}`, name === state);
  }
  element.classList.toggle("is-questioned", questions.length > 0);
  element.classList.toggle("is-fixed", !store.editable(id, column.field));
  element.setAttribute("aria-readonly", String(!store.editable(id, column.field)));
  const inside = document.createDocumentFragment();
  const stored = shown(column, row[column.field]);
  const text = entry ? entry.text : stored;
  inside.append(make("span", "cell-text", text));
  if (state === "conflict") {
    inside.append(make("span", "cell-theirs", shown(column, entry.theirs) || "—"));
  }
  const reason = [entry?.reason, ...questions.map((question) => question.text)].filter(Boolean).join("\n");
  element.title = reason || (text.length > 12 ? text : "");
  if (state || questions.length) {
    const mark = make("span", "cell-mark");
    mark.append(make("span", "visually-hidden", say(`mark_${state || "question"}`)));
    inside.append(mark);
  }
  return inside;
}

/** A cell's content in one element: Tabulator wants a node that it can clear away again. */
function content(store, element, id, column) {
  const holder = make("span", "cell-content");
  holder.append(draw(store, element, id, column));
  return holder;
}

/** Does a value pass what was typed into the column's filter: a part of its text, or "> 100" for figures? */
function passes(column, typed, value) {
  const wanted = typed.normalize("NFKC").replace("≥", ">=").replace("≤", "<="); // ＞１００ too
  const asked = /^\s*(<=|>=|=|<|>)\s*(-?[\d.,]*)\s*%?\s*$/.exec(wanted);
  if (asked && NUMBERS.includes(column.kind)) {
    const figure = asked[2].replaceAll(",", "");
    const bound = Number(figure);
    if (figure === "" || figure === "-") {
      return true; // still being typed
    }
    const tests = { "<": value < bound, "<=": value <= bound, "=": value === bound, ">": value > bound, ">=": value >= bound };
    return value !== null && value !== undefined && tests[asked[1]];
  }
  const part = wanted.trim().toLowerCase();
  const texts = [shown(column, value), written(column, value)];
  return texts.some((text) => text.toLowerCase().includes(part));
}

function compare(column, a, b, direction) {
  const [none, other] = [a === null || a === undefined || a === "", b === null || b === undefined || b === ""];
  if (none || other) {
    // What is empty stays at the end, whichever way it is sorted.
    return none === other ? 0 : (none ? 1 : -1) * (direction === "asc" ? 1 : -1);
  }
  return typeof a === "number" && typeof b === "number" ? a - b : shown(column, a).localeCompare(shown(column, b));
}

function total(column, rows) {
  if (column.total === "ratio") {
    const [above, below] = column.of;
    const both = rows.filter((row) => typeof row[above] === "number" && typeof row[below] === "number");
    const sum = (field) => both.reduce((all, row) => all + row[field], 0);
    return sum(below) ? ((column.kind === "percent" ? 100 : 1) * sum(above)) / sum(below) : null;
  }
  const values = rows.map((row) => row[column.field]).filter((value) => typeof value === "number");
  return values.length ? values.reduce((all, value) => all + value, 0) : null;
}

export class Grid extends EventTarget {
  constructor(element, store, setup) {
    super();
    Object.assign(this, { element, store, setup });
    this.ids = null;
    this.table = null;
  }

  /** Build it; resolves when a cell can be typed into. */
  build() {
    const { layout } = this.setup;
    const rows = [...this.store.rows.values()];
    this.#fit(rows.length);
    this.table = new Tabulator(this.element, {
      data: rows,
      index: "id",
      height: "100%",
      rowHeight: ROW_HEIGHT,
      nestedFieldSeparator: false,
      keybindings: false,
      selectableRows: false,
      columns: this.#columns(),
      columnDefaults: { headerSortTristate: true, headerWordWrap: true, vertAlign: "middle", minWidth: 48 },
      initialSort: (layout?.sort ?? []).filter((sort) => this.store.columns.has(sort.column)),
      placeholder: say("nothing_passes"),
      headerFilterLiveFilterDelay: 200,
      rowFormatter: (row) => {
        const { id } = row.getData();
        if (id !== undefined) {
          row.getElement().dataset.row = id; // the row of totals has none
        }
      },
    });
    return new Promise((resolve) => this.table.on("tableBuilt", () => resolve(this.#built())));
  }

  #built() {
    this.holder = this.element.querySelector(".tabulator-tableholder");
    this.holder.tabIndex = 0; // it scrolls
    this.holder.setAttribute("role", "rowgroup");
    this.holder.querySelector(".tabulator-table").setAttribute("role", "presentation");
    this.element.setAttribute("aria-label", this.element.dataset.label);
    for (const event of ["dataFiltered", "dataSorted", "columnVisibilityChanged", "renderComplete"]) {
      this.table.on(event, () => {
        this.ids = null;
        this.shownFields = null;
        this.dispatchEvent(new Event("order"));
      });
    }
    for (const event of ["dataSorted", "columnVisibilityChanged", "columnResized"]) {
      this.table.on(event, () => this.dispatchEvent(new Event("layout")));
    }
    this.holder.addEventListener("scroll", () => this.#onFrame());
    addEventListener("resize", () => this.#fit(this.store.rows.size));
    this.store.addEventListener("cells", (event) => this.paint(event.detail));
    this.store.addEventListener("rows", (event) => this.#refresh(event.detail));
  }

  /** As high as the window has room for, and no higher than its rows. */
  #fit(count) {
    const bar = document.querySelector(".bottombar")?.offsetHeight ?? 0;
    const room = Math.max(LEAST_HEIGHT, innerHeight - this.element.getBoundingClientRect().top - scrollY - bar - 24);
    const wanted = (count + 1) * ROW_HEIGHT + 170;
    this.element.parentElement.style.height = `${Math.min(room, Math.max(wanted, LEAST_HEIGHT))}px`;
  }

  #onFrame() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.dispatchEvent(new Event("moved"));
    });
  }

  #columns() {
    const saved = new Map((this.setup.layout?.columns ?? []).map((column) => [column.field, column]));
    const made = [];
    let group = null;
    for (const column of this.setup.columns) {
      const one = this.#column(column, saved.get(column.field) ?? {});
      if (!column.group) {
        group = null;
        made.push(one);
      } else if (group?.title === column.group) {
        group.columns.push(one);
      } else {
        group = { title: column.group, columns: [one] };
        made.push(group);
      }
    }
    return made;
  }

  #column(column, saved) {
    const number = NUMBERS.includes(column.kind);
    const { store } = this;
    return {
      field: column.field,
      title: column.title,
      width: saved.width || column.width || 100,
      visible: saved.visible ?? true,
      frozen: column.frozen && !column.group,
      hozAlign: number ? "right" : "left",
      headerHozAlign: number ? "right" : "left",
      cssClass: [number && "is-number", column.computed && "is-computed"].filter(Boolean).join(" "),
      titleFormatter: () => this.#title(column),
      formatter: (cell) => content(store, cell.getElement(), cell.getData().id, column),
      sorter: (a, b, _rowA, _rowB, _column, direction) => compare(column, a, b, direction),
      headerFilter: (_cell, _rendered, success) => this.#filter(column, success),
      headerFilterPlaceholder: say("filter"),
      headerFilterFunc: (wanted, value) => passes(column, wanted, value),
      ...this.#totals(column),
    };
  }

  #title(column) {
    const title = make("span", "column-title", column.title);
    title.title = column.formula ? `${column.title} = ${column.formula}` : column.title;
    title.tabIndex = 0;
    title.setAttribute("role", "button");
    title.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.#sort(column.field);
      }
    });
    return title;
  }

  /** As a click on the title does: up, down, not sorted. */
  #sort(field) {
    const now = this.table.getSorters().find((sort) => sort.field === field)?.dir;
    if (now === "desc") {
      this.table.clearSort();
    } else {
      this.table.setSort(field, now === "asc" ? "desc" : "asc");
    }
  }

  #filter(column, success) {
    const input = make("input", "form-control form-control-sm");
    input.type = "text";
    input.setAttribute("aria-label", say("filter_of", { column: column.title }));
    input.addEventListener("change", () => success(input.value));
    return input;
  }

  #totals(column) {
    if (column.field === this.setup.columns.find((one) => one.frozen)?.field) {
      return {
        bottomCalc: (_values, rows) => rows.length,
        bottomCalcFormatter: (cell) => make("span", "total-label", say("total", { n: shown({ kind: "integer" }, cell.getValue()) })),
      };
    }
    return column.total
      ? {
          bottomCalc: (_values, rows) => total(column, rows),
          bottomCalcFormatter: (cell) => make("span", "total-value", shown(column, cell.getValue())),
        }
      : {};
  }

  /** The ids of the rows as they stand on the screen, filtered and sorted. */
  order() {
    if (!this.ids) {
      this.ids = this.table.getRows("active").map((row) => row.getIndex());
      this.places = new Map(this.ids.map((id, place) => [id, place]));
    }
    return this.ids;
  }

  place(id) {
    this.order();
    return this.places.get(id) ?? -1;
  }

  fields() {
    this.shownFields ??= this.table.getColumns().filter((column) => column.isVisible()).map((column) => column.getField());
    return this.shownFields;
  }

  /** Does the cell stand on the screen, or would it when scrolled to: not filtered out, its column not hidden? */
  shows(id, field) {
    return this.place(id) >= 0 && this.fields().includes(field);
  }

  /** The titles of hidden columns between the first and the last of `fields`. */
  hiddenAmong(fields) {
    const names = this.setup.columns.map((column) => column.field);
    const between = this.setup.columns.slice(names.indexOf(fields[0]), names.indexOf(fields.at(-1)) + 1);
    return between.filter(({ field }) => !fields.includes(field)).map(({ group, title }) => (group ? `${group} · ${title}` : title));
  }

  /** The element of a cell, if its row is drawn. */
  cell(id, field) {
    return this.holder.querySelector(`.tabulator-row[data-row="${id}"] > [tabulator-field="${field}"]`);
  }

  drawnRows() {
    return this.holder.querySelectorAll(".tabulator-row[data-row]");
  }

  /** Scroll until a cell is in sight, not hidden below the frozen columns. */
  bring(id, field) {
    const top = this.place(id) * ROW_HEIGHT;
    const { holder } = this;
    if (top < holder.scrollTop) {
      holder.scrollTop = top;
    } else if (top + ROW_HEIGHT > holder.scrollTop + holder.clientHeight) {
      holder.scrollTop = top + ROW_HEIGHT - holder.clientHeight;
    }
    let [left, frozen] = [0, 0];
    for (const name of this.fields()) {
      const column = this.table.getColumn(name);
      if (name === field) {
        const right = left + column.getWidth();
        if (!this.store.columns.get(name).frozen) {
          if (left - frozen < holder.scrollLeft) {
            holder.scrollLeft = left - frozen;
          } else if (right > holder.scrollLeft + holder.clientWidth) {
            holder.scrollLeft = right - holder.clientWidth;
          }
        }
        return;
      }
      left += column.getWidth();
      frozen += this.store.columns.get(name).frozen ? column.getWidth() : 0;
    }
  }

  rowsInSight() {
    return Math.max(1, Math.floor(this.holder.clientHeight / ROW_HEIGHT) - 1);
  }

  /** Draw these cells anew; rows out of sight are drawn when they scroll in. */
  paint(cells) {
    const drawn = new Map([...this.drawnRows()].map((element) => [Number(element.dataset.row), element]));
    const out = new Set();
    for (const { row, field } of cells) {
      const element = drawn.get(row)?.querySelector(`:scope > [tabulator-field="${field}"]`);
      if (element) {
        element.replaceChildren(content(this.store, element, row, this.store.columns.get(field)));
      } else if (!drawn.has(row)) {
        out.add(row);
      }
    }
    if (out.size) {
      this.#rows().forEach((row) => out.has(row.getData().id) && row.reformat());
    }
    this.dispatchEvent(new Event("painted"));
  }

  #rows() {
    this.components ??= this.table.getRows();
    return this.components;
  }

  #refresh(ids) {
    const fields = [...this.store.columns.keys()];
    this.paint(ids.flatMap((row) => fields.map((field) => ({ row, field }))));
    clearTimeout(this.totalsTimer);
    this.totalsTimer = setTimeout(() => this.table.recalc(), TOTALS_MS);
  }
}
