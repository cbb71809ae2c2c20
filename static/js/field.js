// Visits and calls on the way (C5): filled from what the phone keeps, so it opens without a connection. The list comes
// from the server when it can be reached, what is saved goes there by turns (field_outbox.js).
import { FieldForm } from "./field_form.js";
import { mark, setMark, wipe } from "./field_keep.js";
import { listOf, waitingOf } from "./field_list.js";
import { FieldOutbox } from "./field_outbox.js";
import { openStore } from "./field_store.js";
import { moment, say } from "./field_words.js";
import { post } from "./post.js";

const FRESH_MS = 10 * 60_000;
const DAY_MS = 24 * 3600_000;
const NOTE_MS = 6_000;

const page = document.querySelector("[data-field]");
const urls = page.dataset;
const limits = { side: Number(urls.photoSide), count: Number(urls.photoLimit) };
const find = (name) => document.querySelector(`[data-field-${name}]`);
const views = [...page.querySelectorAll("[data-view]")];

let store;
let outbox;
let pack = null; // null: none, or locked until it is known who is here
let fetched = 0;
let form = null;
let fetching = "";
let note = "";
let stale = false; // something arrived since the pack was made
let away = false;
let listAt = 0;

// --- Coming ---

if (mark().wipe) {
  await wipe();
}
store = await openStore();
const kept = await store.get("kept", "pack");
outbox = new FieldOutbox(store, kept?.person ?? "", urls);
if (kept && !mark().locked) {
  setMark({ person: kept.person });
  pack = kept.pack;
}
await outbox.reload();
outbox.addEventListener("state", () => {
  render();
  if (stale && !outbox.sending) {
    stale = false;
    if (!outbox.waiting.length) {
      tell(say("sent"));
    }
    refresh();
  }
});
outbox.addEventListener("sent", () => { stale = true; });
outbox.addEventListener("person", () => refresh());
addEventListener("hashchange", route);
addEventListener("pagehide", () => form?.keep());
addEventListener("online", () => refreshIfOld());
document.addEventListener("visibilitychange", () => {
  form?.keep();
  refreshIfOld();
});
addEventListener("storage", () => {
  if (outbox.person && mark().person !== outbox.person) {
    window.location.reload(); // signed out in another tab
  }
});
history.scrollRestoration = "manual";
route();
page.dataset.ready = "yes";
registerWorker();
await refresh();
outbox.send();

function registerWorker() {
  if (window.isSecureContext && navigator.serviceWorker) {
    navigator.serviceWorker.register(urls.worker).catch(() => null); // next time, then
  }
}

// --- The pack ---

function refreshIfOld() {
  if (!document.hidden && Date.now() - fetched > FRESH_MS) {
    refresh();
  }
}

async function refresh() {
  if (fetching === "yes") {
    return;
  }
  const before = outbox.person;
  const had = pack;
  fetching = "yes";
  render();
  try {
    const answer = await fetch(urls.pack, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
    if (answer.ok) {
      await take(await answer.json());
      fetching = "";
    } else {
      fetching = answer.type === "opaqueredirect" || answer.status === 401 ? "signedOut" : answer.status === 403 ? "forbidden" : "serverFault";
    }
  } catch {
    fetching = navigator.onLine ? "noLine" : "offline";
  }
  render();
  const sought = !form && /^#(visit|call)-/.test(window.location.hash); // an outlet that the last list did not have
  if (!had || before !== outbox.person || sought) {
    route();
  }
}

/** Another person's pack: what the last one left is gone before anything of it is shown. */
async function take(news) {
  const person = String(news.person);
  const left = outbox.person && outbox.person !== person ? outbox.entries.length + outbox.drafts.length : 0;
  if (outbox.person !== person) {
    form = null;
    await clear();
    outbox.person = person;
  }
  pack = news;
  fetched = Date.now();
  setMark({ person, locked: false });
  await store.write(["kept", { name: "pack", person, pack }]).catch(() => tell(say("full")));
  await outbox.reload();
  if (left) {
    tell(say("otherPerson", left));
  }
}

async function clear() {
  for (const name of ["kept", "drafts", "queue"]) {
    for (const row of await store.all(name)) {
      await store.write([name, null, row.key ?? row.name]);
    }
  }
}

// --- What is shown ---

function tell(text) {
  note = text;
  render();
  setTimeout(() => {
    if (note === text) {
      note = "";
      render();
    }
  }, NOTE_MS);
}

function show(name, title, back = "#") {
  views.forEach((view) => { view.hidden = view.dataset.view !== name; });
  find("title").textContent = title;
  const link = find("back");
  link.dataset.home ??= link.getAttribute("href");
  link.href = name === "list" ? link.dataset.home : back;
}

function route() {
  const [, what, key] = /^#(visit|call|mend|waiting)-?(.*)$/.exec(window.location.hash) ?? [];
  form?.keep().then(() => outbox.reload());
  form = null;
  if (what === "waiting" && pack) {
    show("waiting", say("waitingTitle"));
  } else if (what === "mend" && pack) {
    mend(key);
  } else if (what && pack?.outlets.some((one) => one.id === Number(key))) {
    open(what, pack.outlets.find((one) => one.id === Number(key)), draftOf(what, Number(key)));
  } else {
    show("list", say("title"));
    render();
    if (away) {
      away = false;
      window.scrollTo(0, listAt);
    }
    return;
  }
  if (!away) {
    away = true;
    listAt = window.scrollY;
  }
  render();
  window.scrollTo(0, 0);
  find("title").focus({ preventScroll: true });
}

function draftOf(kind, outlet) {
  return outbox.drafts.find((draft) => draft.outlet === outlet && draft.kind === kind);
}

function open(kind, outlet, draft) {
  show("work", kind === "visit" ? outlet.name : say("callTitle", outlet.name));
  const done = () => {
    form = null;
    window.location.hash = "";
    tell(say("kept", outlet.name));
    navigator.storage?.persist?.();
  };
  form = new FieldForm({ store, outbox, limits, pack, kind, outlet, draft, done, troubled: (name) => tell(say(name)) });
  if (kind === "call") {
    form.form.querySelector("[data-number]").addEventListener("click", (event) => showNumber(event.currentTarget, outlet));
  }
  page.querySelector('[data-view="work"]').replaceChildren(form.form);
}

async function mend(key) {
  const draft = outbox.drafts.find((one) => one.key === key) ?? (await outbox.takeBack(key));
  const outlet = pack.outlets.find((one) => one.id === draft?.outlet);
  if (!outlet) {
    window.location.hash = "waiting";
    tell(say("moving"));
    return;
  }
  open(draft.kind, outlet, draft);
  render();
}

function render() {
  const { entries, drafts, problem, refused, waiting } = outbox;
  const count = find("count");
  const begun = drafts.filter((draft) => draft.key !== form?.draft.key);
  count.hidden = !pack || !(entries.length + begun.length);
  count.textContent = entries.length ? say("count", entries.length) : say("drafts", begun.length);
  stateLine(problem || (["signedOut", "forbidden"].includes(fetching) ? fetching : ""), waiting.length, refused.length);
  find("made").textContent = madeText();
  const shown = views.find((view) => !view.hidden).dataset.view;
  if (shown === "list") {
    find("list").replaceChildren(...(pack ? listOf(pack, outbox, find("search").value.trim()) : []));
  } else if (shown === "waiting") {
    find("waiting").replaceChildren(...waitingOf(pack, outbox, discard));
  }
}

function stateLine(problem, waiting, refused) {
  const texts = [note];
  if (problem && (waiting || problem === "signedOut")) {
    texts.push(say(problem, problem === "signedOut" ? outbox.entries.length : waiting));
  } else if (outbox.sending && waiting) {
    texts.push(`${say("sending")} ${waiting}`);
  }
  if (refused) {
    texts.push(say("refusedSome", refused));
  }
  if (!store.lasting) {
    texts.push(say("notKept"));
  }
  const text = texts.filter(Boolean).join("\n");
  find("state").hidden = !text;
  find("state").classList.toggle("is-broken", Boolean(problem || refused || !store.lasting));
  find("text").textContent = text;
  find("sign-in").hidden = problem !== "signedOut";
  find("send").hidden = !problem || problem === "signedOut" || !waiting;
}

function madeText() {
  if (!pack) {
    return say(fetching === "yes" ? "loading" : mark().locked ? "locked" : "never");
  }
  const old = Date.now() - new Date(pack.made_at) > DAY_MS;
  return `${say("week", Number(pack.week.name.split("-W")[1]))} · ${say(old ? "madeOld" : "made", moment(pack.made_at))}`;
}

// --- Taps ---

async function discard(entry) {
  if (window.confirm(say(entry.tried ? "discardTried" : "discard"))) {
    await outbox.discard(entry.key);
  }
}

find("refresh").addEventListener("click", () => {
  refresh();
  outbox.send(true);
});
find("send").addEventListener("click", () => outbox.send(true));
find("search").addEventListener("input", render);

/** Written down by the server first: without a connection there is no number. */
async function showNumber(button, outlet) {
  const state = button.form.querySelector("[data-number-state]");
  button.disabled = true;
  try {
    const answer = await post(urls.number.replace("/0/", `/${outlet.id}/`), {});
    if (!answer.ok) {
      state.textContent = answer.status === 401 ? say("signedOut", outbox.waiting.length) : say(answer.status === 404 ? "gone" : "refused");
      return;
    }
    const { phone } = await answer.json();
    const link = button.form.querySelector("[data-tel]");
    state.textContent = phone ? "" : say("numberNone");
    link.hidden = !phone;
    button.hidden = Boolean(phone);
    link.href = `tel:${phone}`;
    link.textContent = phone;
    if (phone) {
      link.click();
    }
  } catch {
    state.textContent = say("numberOffline");
  } finally {
    button.disabled = false;
  }
}
