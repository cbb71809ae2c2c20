// Calls from the week's page: a tap shows the number and dials, a second one says whether somebody was reached.
// Without this script the first tap leads to a page that does both.
import { newKey } from "./keys.js";
import { csrfToken } from "./post.js";

const list = document.querySelector("[data-week]");
const words = list.dataset;

list.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-week-call], [data-week-said]")) {
    event.preventDefault();
    event.stopPropagation();
    (form.matches("[data-week-call]") ? showNumber : record)(form, event.submitter);
  }
}, true);

/** The answer to a form; null when there was none, which the row then says. */
async function send(form, button) {
  const row = form.closest(".week-row");
  const data = new FormData(form);
  if (button?.name) {
    data.set(button.name, button.value);
  }
  const buttons = form.querySelectorAll("button");
  buttons.forEach((one) => { one.disabled = true; });
  note(row, "");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      redirect: "manual",
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
      body: data,
    });
    if (answer.ok) {
      return await answer.json();
    }
    note(row, await why(answer));
  } catch {
    note(row, words.lost);
  } finally {
    buttons.forEach((one) => { one.disabled = false; });
  }
  return null;
}

async function why(answer) {
  if (answer.status === 422) {
    const { errors } = await answer.json();
    return Object.values(errors).flat().join(" ");
  }
  return answer.status === 401 || answer.type === "opaqueredirect" ? words.signedOut : words.failed;
}

async function showNumber(form) {
  const told = await send(form);
  if (!told) {
    return;
  }
  const row = form.closest(".week-row");
  const said = row.querySelector("[data-week-said]");
  const number = said.querySelector("[data-number]");
  if (!told.phone) {
    note(row, told.words);
    return;
  }
  number.textContent = `${told.name} ${told.phone}`;
  number.href = `tel:${told.phone}`;
  said.hidden = false;
  said.scrollIntoView({ block: "nearest" });
  number.focus({ preventScroll: true });
  if (matchMedia("(pointer: coarse)").matches) {
    number.click();
  }
}

async function record(form, button) {
  const told = await send(form, button);
  if (!told) {
    return;
  }
  const row = form.closest(".week-row");
  form.hidden = true;
  form.elements.key.value = newKey();
  if (button.value === "yes" && !told.again) {
    count(row.querySelector("[data-calls]"));
  }
  note(row, words.kept, true);
}

function count(badge) {
  const done = Number(badge.dataset.done) + 1;
  badge.dataset.done = done;
  badge.querySelector("[data-calls-count]").textContent = done;
  if (done <= Number(badge.dataset.owed)) {
    const [sum, bar] = document.querySelectorAll("[data-calls-met]"); // not on the page of a round
    if (bar) {
      bar.value += 1;
      sum.textContent = bar.value;
    }
  }
  if (done >= Number(badge.dataset.owed)) {
    badge.classList.replace("bg-yellow-lt", "bg-green-lt");
    badge.querySelector(".ti")?.classList.replace("ti-phone", "ti-check");
  }
}

function note(row, text, well = false) {
  const place = row.querySelector("[data-week-note]");
  place.textContent = text;
  place.hidden = !text;
  place.classList.toggle("is-well", well);
}
