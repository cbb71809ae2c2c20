// Every text that the scripts show, as the server wrote it; and how figures are written and read.
const texts = new Map();
for (const element of document.getElementById("ledger-words").content.querySelectorAll("[data-word]")) {
  texts.set(element.dataset.word, element.textContent.trim());
}

/** The text called `name`, with `{n}` and the like filled in. */
export function say(name, values = {}) {
  const text = texts.get(name) ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

const language = document.documentElement.lang || undefined;
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const oneDecimal = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const moment = new Intl.DateTimeFormat(language, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });

export const NUMBERS = ["integer", "decimal", "percent"];

export function timeOf(date) {
  return clock.format(date);
}

export function momentOf(iso) {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? "" : moment.format(date);
}

function labelOf(column, value) {
  const found = (column.choices ?? []).find(([stored]) => stored === value);
  return found ? found[1] : String(value);
}

/** What a cell shows: thousands apart, money with two decimals, percent with one, a choice by its name. */
export function shown(column, value) {
  if (value === null || value === undefined || value === "") {
    return "";
  }
  if (typeof value === "number") {
    if (column.kind === "percent") {
      return `${oneDecimal.format(value)}%`;
    }
    return (column.kind === "integer" ? whole : cents).format(value);
  }
  return column.kind === "choice" ? labelOf(column, value) : String(value);
}

/** What stands in the input when a cell is opened, and what is copied. A percent keeps its sign: 0.5% is not a half. */
export function written(column, value) {
  if (value === null || value === undefined) {
    return "";
  }
  if (column.kind === "percent" && typeof value === "number") {
    return `${value}%`;
  }
  return column.kind === "choice" ? labelOf(column, value) : String(value);
}

/** What is sent for a typed text: a choice typed by its name goes as what is stored; nothing goes as null. */
export function outgoing(column, text) {
  const trimmed = text.trim();
  if (trimmed === "") {
    return null;
  }
  if (column.kind === "choice") {
    const found = (column.choices ?? []).find(([, label]) => label.toLowerCase() === trimmed.toLowerCase());
    return found ? found[0] : trimmed;
  }
  return trimmed;
}
