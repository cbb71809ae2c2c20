// Today's work: one tap records a result, the next row comes up. Without this script each tap is a form of its own.
import { newKey } from "./keys.js";
import { post } from "./post.js";
import { Outbox } from "./work_outbox.js";

const list = document.querySelector("[data-work]");
const words = document.querySelector("[data-work-words]").dataset;
const line = document.querySelector("[data-work-queue]");
const { person, record, correct, call } = list.dataset;
const outbox = new Outbox(person, { record, correct });

// --- Tapped ---

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-work-form]")) {
    take(event);
    said(form, event.submitter);
  } else if (form.matches("[data-work-call]")) {
    take(event);
    showNumber(form);
  } else if (form.matches("[data-sign-out]") && outbox.entries.length) {
    if (window.confirm(words.leave)) {
      outbox.forget();
    } else {
      take(event);
    }
  }
}, true);

// the second tap of two is not meant for what came up under the finger
list.addEventListener("click", (event) => event.detail > 1 && take(event), true);

function take(event) {
  event.preventDefault();
  event.stopPropagation();
}

function said(form, button) {
  const card = form.closest(".work-card");
  const mended = form.dataset.workCorrect;
  const [kind, id] = mended ? ["correct", mended] : ["record", card.dataset.warning];
  if (!button || outbox.has(kind, id)) {
    return; // a second tap
  }
  const data = { key: newKey(), medium: form.querySelector("[name=medium]:checked, [name=medium][type=hidden]").value };
  data[button.name] = button.value;
  if (kind === "record") {
    data.at = new Date().toISOString();
  }
  if (data.outcome === "promised") {
    data.promised_on = form.elements.promised_on.value;
    if (!data.promised_on) {
      return fault(form, words.day);
    }
  }
  fault(form, "");
  wait(card);
  outbox.add({ kind, id, card: card.id, data });
  if (kind === "record") {
    count(card, -1);
    comeUp(card);
  }
}

function fault(form, text) {
  const place = form.querySelector("[data-work-fault]");
  place.textContent = text;
  place.hidden = !text;
}

/** The card waits for its answer. */
function wait(card) {
  card.classList.add("is-waiting");
  card.removeAttribute("open");
  card.querySelectorAll("button").forEach((button) => { button.disabled = true; });
  const note = card.querySelector("[data-work-note]") ?? document.createElement("span");
  note.dataset.workNote = "";
  note.className = "work-note";
  note.textContent = words.sending;
  (card.querySelector("summary.work-head") ?? card).append(note);
}

function wakeUp(card) {
  card.classList.remove("is-waiting");
  card.querySelectorAll("button").forEach((button) => { button.disabled = false; });
  card.querySelector("[data-work-note]")?.remove();
}

function waiting() {
  return [...list.querySelectorAll("details.work-card:not(.is-waiting)")];
}

/** The next row after a card, else the first that is left. */
function comeUp(card) {
  const left = waiting();
  const next = left.find((other) => card.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) ?? left[0];
  document.querySelector("[data-work-done]").hidden = Boolean(next);
  if (next) {
    next.open = true;
    next.querySelector("summary").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
}

/** What came in above the open row may have pushed it below its own buttons; whoever scrolled away is left alone. */
function staysInReach() {
  const card = list.querySelector("details.work-card[open]");
  const { top, bottom } = card?.getBoundingClientRect() ?? { top: -1, bottom: -1 };
  if (top >= 0 && top < window.innerHeight && bottom > window.innerHeight / 2) {
    card.scrollIntoView({ block: "nearest" });
  }
}

/** The figures above the list go along. */
function count(card, change) {
  for (const kind of ["all", card.dataset.kind]) {
    const figure = document.querySelector(`[data-work-count="${kind}"]`);
    if (figure && /^\d+$/.test(figure.textContent)) {
      figure.textContent = Math.max(Number(figure.textContent) + change, 0);
    }
  }
}

// --- Answered ---

outbox.addEventListener("answered", ({ detail: { entry, html } }) => {
  const card = document.getElementById(entry.card);
  if (card) {
    const made = document.createElement("template");
    made.innerHTML = html;
    card.replaceWith(made.content.firstElementChild);
    staysInReach();
  }
});

outbox.addEventListener("refused", ({ detail: { entry, reason, text } }) => {
  const card = document.getElementById(entry.card);
  if (!card) {
    line.dataset.told = text || words[reason];
    return;
  }
  wakeUp(card);
  if (entry.kind === "record") {
    count(card, 1);
    card.open = true;
  }
  card.querySelectorAll(".work-mend").forEach((mend) => { mend.open = true; });
  fault(card.querySelector("[data-work-form]"), text || words[reason]);
  card.scrollIntoView({ block: "nearest" });
});

outbox.addEventListener("state", showState);

function showState() {
  const many = outbox.entries.length;
  const problem = many && outbox.problem;
  const text = problem ? words[problem].replace("#", many) : line.dataset.told || "";
  line.hidden = !text;
  line.classList.toggle("is-broken", Boolean(problem));
  line.querySelector("[data-work-state]").textContent = text;
  line.querySelector("[data-work-again]").hidden = !problem;
  if (problem) {
    document.querySelectorAll("[data-work-note]").forEach((note) => { note.textContent = words.kept; });
  }
}

line.querySelector("[data-work-again]").addEventListener("click", () => outbox.send());

// --- Calling ---

async function showNumber(form) {
  const card = form.closest(".work-card");
  if (form.dataset.asked) {
    return;
  }
  form.dataset.asked = "yes";
  try {
    const answer = await post(call.replace("/0/", `/${card.dataset.warning}/`), {});
    if (answer.type === "opaqueredirect") {
      throw new Error("signed out");
    }
    if (!answer.ok) {
      fault(card.querySelector("[data-work-form]"), answer.status === 404 ? words.gone : words.refused);
      return;
    }
    const { name, phone, words: none } = await answer.json();
    card.querySelector(".work-name").textContent = name;
    if (!phone) {
      fault(card.querySelector("[data-work-form]"), none);
      return;
    }
    const link = document.createElement("a");
    link.className = "btn btn-primary work-tel";
    link.href = `tel:${phone}`;
    link.append(form.querySelector(".ti").cloneNode(), ` ${phone}`);
    form.replaceWith(link);
    link.click();
  } catch {
    fault(card.querySelector("[data-work-form]"), words.call_failed);
  } finally {
    delete form.dataset.asked;
  }
}

// --- Coming and going ---

/** What was done on this page is not there any more when the next one is read. */
document.querySelector("[data-work-more]")?.addEventListener("click", (event) => {
  const link = event.currentTarget;
  const url = new URL(link.href);
  url.searchParams.set("start", Number(link.dataset.start) + waiting().length);
  link.href = url;
});

for (const entry of outbox.entries) {
  const card = document.getElementById(entry.card);
  if (card && entry.kind === "record") {
    wait(card);
  }
}
if (outbox.entries.length) {
  comeUp(list);
  outbox.send();
}
