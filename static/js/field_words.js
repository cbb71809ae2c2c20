// Words come from the page: `#` stands for a number or a text.
const words = document.querySelector("[data-field-words]").dataset;
const { lang } = document.documentElement;
const { timeZone } = words;
const DAY = new Intl.DateTimeFormat(lang, { month: "short", day: "numeric", weekday: "short", timeZone });
const HOUR = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone });

export function say(name, value = "") {
  return (words[name] ?? "").replace("#", value);
}

/** A day of the calendar ("2026-11-24"), or the day of a moment. */
export function day(value) {
  return DAY.format(new Date(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T12:00:00Z` : value));
}

export function moment(value) {
  return isToday(value) ? HOUR.format(new Date(value)) : `${DAY.format(new Date(value))} ${HOUR.format(new Date(value))}`;
}

export function isToday(value) {
  return DAY.format(new Date(value)) === DAY.format(new Date());
}

/** A copy of a template, its slots filled with text; one without text is hidden. */
export function made(template, slots = {}) {
  const node = document.getElementById(template).content.firstElementChild.cloneNode(true);
  fill(node, slots);
  return node;
}

export function fill(node, slots) {
  for (const [name, text] of Object.entries(slots)) {
    const place = node.querySelector(`[data-slot="${name}"]`);
    place.textContent = text;
    place.hidden = text === "" || text === null || text === undefined;
  }
}
