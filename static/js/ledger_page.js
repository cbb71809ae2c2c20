// Puts the ledger's page together: grid, cursor, saving, and the bar above with its states and buttons.
import { Block } from "./ledger_block.js";
import { Cursor } from "./ledger_cursor.js";
import { Editor } from "./ledger_editor.js";
import { Grid } from "./ledger_grid.js";
import { Layout } from "./ledger_layout.js";
import { Marks } from "./ledger_marks.js";
import { Queue } from "./ledger_queue.js";
import { Store } from "./ledger_store.js";
import { say, shown, timeOf, written } from "./ledger_words.js";

const SEARCH_MS = 200;
const NOTICE_MS = 8000;
const STALE_MS = 120_000;

/** A ledger in `screen`: set up as the server says, with its rows. */
export async function open(screen, setup, rows) {
  const find = (name) => screen.querySelector(`[data-${name}]`);
  const store = new Store(setup, rows);
  const grid = new Grid(find("grid"), store, setup);
  screen.hidden = false;
  await grid.build();
  const notice = notices(find("notice"));
  const block = new Block(grid, store, notice);
  const editor = new Editor(find("wrapper"));
  const cursor = new Cursor(grid, store, editor, block);
  editor.addEventListener("refused", () => {
    const { row, field } = cursor.anchor;
    notice(say(store.fed(row, field) ? "from_roster" : editor.column.masked ? "masked" : "not_editable"), true);
  });
  block.attach(cursor);
  bindLeaving(cursor);
  const queue = new Queue(store, setup, say);
  const marks = new Marks(find("wrapper"), grid, store, cursor, setup);
  new Layout(grid, setup, find("layout-menu"));
  bindButtons(find, { block, cursor, grid, marks, setup });
  bindSearch(find("search"), grid, store, setup);
  bindState(find, { store, queue, grid, marks, block });
  bindSum(find("sum"), { store, grid, cursor });
  bindReturn(store, queue, setup);
  store.addEventListener("told", ({ detail }) => notice.also(say("read_as", { n: detail.length, text: detail[0].text })));
  cursor.begin();
  cursor.editor.focus();
  screen.dataset.ready = "yes";
}

/** Whoever leaves while a cell is open is asked as well; whoever stays finds the page as it was. */
function bindLeaving(cursor) {
  addEventListener("beforeunload", () => {
    cursor.commit();
    setTimeout(() => {
      document.getElementById("month-shown").form.reset();
      document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    });
  });
}

/** A line of what just happened; a warning stays until the next one. */
function notices(element) {
  let [timer, last, at] = [null, "", 0];
  const show = (text, warning) => {
    clearTimeout(timer);
    element.textContent = text;
    element.classList.toggle("is-warning", warning);
    timer = warning ? null : setTimeout(() => (element.textContent = ""), NOTICE_MS);
  };
  const notice = (text, warning = false) => {
    [last, at] = [text, Date.now()];
    show(text, warning);
  };
  // What the server has to say of the step that was told of just now.
  notice.also = (text) => show(Date.now() - at < NOTICE_MS ? `${last} ${text}` : text, true);
  return notice;
}

function bindButtons(find, { block, cursor, grid, marks, setup }) {
  const on = (name, act) => find(name)?.addEventListener("click", act);
  const back = (act) => () => {
    act();
    cursor.editor.focus();
  };
  on("undo", back(() => block.undo()));
  on("redo", back(() => block.redo()));
  on("fill", back(() => cursor.anchor && block.fillDown()));
  on("questions", () => marks.next("question"));
  on("faults", () => marks.next("fault"));
  on("help", () => document.getElementById("ledger-help").showModal());
  on("history", () => cursor.anchor && history(cursor, setup));
  const card = find("card");
  const address = card?.dataset.address;
  cursor.addEventListener("moved", () => card && (card.href = address.replace("/0/", `/${cursor.anchor.row}/`)));
  document.querySelectorAll("dialog [data-close]").forEach((button) =>
    button.addEventListener("click", () => button.closest("dialog").close()),
  );
  grid.element.addEventListener("click", (event) => event.target.closest(".tabulator-col-sorter") && cursor.editor.focus());
}

/** Who changed the chosen cell from what to what. */
async function history(cursor, setup) {
  const { row, field } = cursor.anchor;
  const dialog = document.getElementById("ledger-history");
  const body = dialog.querySelector("[data-body]");
  body.textContent = say("loading");
  dialog.showModal();
  try {
    const address = setup.urls.history.replace("/0/", `/${row}/`).replace("/FIELD/", `/${field}/`);
    const answer = await fetch(address, { redirect: "error" });
    if (answer.status === 404) {
      body.textContent = say("never_typed");
      return;
    }
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    body.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
  } catch {
    body.textContent = say("no_history");
  }
}

/** Rows that hold the text anywhere. */
function bindSearch(input, grid, store, setup) {
  let timer = null;
  const search = () => {
    const wanted = input.value.trim().toLowerCase();
    if (!wanted) {
      grid.table.clearFilter();
      return;
    }
    const texts = setup.columns.filter((column) => ["text", "choice"].includes(column.kind));
    const holds = (row) => texts.some((column) => written(column, row[column.field]).toLowerCase().includes(wanted));
    grid.table.setFilter((row) => holds(store.rows.get(row.id)));
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, SEARCH_MS);
  });
  grid.addEventListener("uncovered", () => (input.value = ""));
}

/** Whoever comes back to the window after a while sees what others have saved meanwhile. */
function bindReturn(store, queue, setup) {
  let seen = Date.now();
  document.addEventListener("visibilitychange", async () => {
    if (document.hidden || queue.sending || Date.now() - seen < STALE_MS) {
      return;
    }
    seen = Date.now();
    const { rounds } = queue;
    try {
      const answer = await fetch(setup.urls.rows, { redirect: "error" });
      const { rows } = answer.ok ? await answer.json() : { rows: [] };
      if (queue.rounds === rounds) {
        // Nothing was saved while they were read: they are as new as what stands here.
        store.fresh(rows);
      }
    } catch {
      // No line, or signed out: the next save says so.
    }
  });
}

/** How many cells are chosen, and the sum of their figures. */
function bindSum(element, { store, grid, cursor }) {
  const update = () => {
    const { top, bottom, left, right } = cursor.box();
    const fields = grid.fields().slice(left, right + 1);
    const ids = grid.order().slice(top, bottom + 1);
    const summed = fields.filter((field) => ["integer", "decimal"].includes(store.columns.get(field).kind));
    const values = ids.flatMap((id) => summed.map((field) => store.rows.get(id)[field]));
    const sum = values.reduce((all, value) => all + (typeof value === "number" ? value : 0), 0);
    const n = ids.length * fields.length;
    const text = summed.length ? "chosen_sum" : "chosen";
    element.textContent = n > 1 ? say(text, { n, sum: shown({ kind: Number.isInteger(sum) ? "integer" : "decimal" }, sum) }) : "";
  };
  cursor.addEventListener("moved", update);
  store.addEventListener("rows", () => cursor.anchor && update());
}

/** One line for the whole: saving, saved at, or what is not saved and why; and how much is asked or refused. */
function bindState(find, { store, queue, grid, marks, block }) {
  const [line, undo, redo] = [find("state"), find("undo"), find("redo")];
  const pills = { questions: "question", faults: "fault" };
  let known = "";
  const update = () => {
    const { waiting, failed, fault, conflict } = store.counts();
    const state = failed ? "failed" : waiting ? "waiting" : fault + conflict ? "fault" : store.savedAt ? "saved" : "idle";
    const text = {
      failed: () => `${say("not_saved", { n: failed })} ${[...store.entries.values()].find((one) => one.state === "failed").reason}`,
      waiting: () => say("saving", { n: waiting }),
      fault: () => say("not_taken", { n: fault + conflict }),
      saved: () => say("saved_at", { time: timeOf(store.savedAt) }),
      idle: () => say(store.readonly ? "readonly" : "idle"),
    }[state]();
    if (text !== known) {
      known = text;
      line.textContent = text;
    }
    line.parentElement.dataset.state = state;
    find("sign-in").hidden = !(failed && queue.signedOut);
    for (const [name, kind] of Object.entries(pills)) {
      const count = marks.places(kind).length;
      find(name).hidden = !count;
      find(name).querySelector("[data-count]").textContent = String(count);
    }
    undo.disabled = !block.done.length;
    redo.disabled = !block.undone.length;
  };
  store.addEventListener("cells", update);
  store.addEventListener("rows", update);
  queue.addEventListener("state", update);
  grid.addEventListener("history", update);
  update();
}
