// The lists of the visit page: outlets with what they are owed, and what waits on the phone.
import { day, made, moment, say } from "./field_words.js";

/** The round in its order, then what is still owed, then the rest; a search looks at all of them. */
export function listOf(pack, outbox, search) {
  const rows = new Map(pack.outlets.map((outlet) => [outlet.id, standing(outlet, outbox)]));
  if (search) {
    const found = [...rows.values()].filter(({ outlet }) => sought(outlet, search.toLowerCase()));
    return found.length ? [group("found", found)] : [nothing("noneFound")];
  }
  const round = pack.round.filter((id) => rows.has(id)).map((id) => rows.get(id));
  const others = [...rows.values()].filter((row) => !round.includes(row));
  const owed = others.filter((row) => row.visits || row.calls).sort((one, other) => urgent(one).localeCompare(urgent(other)));
  const rest = others.filter((row) => !owed.includes(row));
  const groups = [group("round", round, true), group("owed", owed), group("rest", rest)].filter(Boolean);
  return groups.length ? groups : [nothing("none")];
}

/** First whom a visit is owed, and of these who has waited longest. */
function urgent({ visits, outlet }) {
  return `${visits ? 0 : 1}${outlet.last_visit?.on ?? ""}`;
}

function sought({ name, code, address }, text) {
  return [name, code, address].some((known) => known?.toLowerCase().includes(text));
}

/** What is left to do there, what waits on the phone counted as done; what the server sent back is not. */
function standing(outlet, outbox) {
  const all = outbox.entries.filter((entry) => entry.outlet === outlet.id);
  const mine = all.filter((entry) => entry.state === "waiting");
  const visits = mine.filter((entry) => entry.kind === "visit").length;
  const calls = mine.filter((entry) => entry.kind === "call" && entry.fields.reached[0] === "yes").length;
  return {
    outlet,
    waits: mine.length,
    refused: all.length > mine.length,
    visited: visits > 0,
    begun: outbox.drafts.some((draft) => draft.outlet === outlet.id),
    visits: Math.max(outlet.visits_owed - outlet.visits_done - visits, 0),
    calls: Math.max(outlet.calls_owed - outlet.calls_done - calls, 0),
  };
}

function group(name, rows, numbered = false) {
  if (!rows.length) {
    return null;
  }
  const node = made("field-group", { title: `${say(name)} · ${rows.length}` });
  node.querySelector("ol").append(...rows.map((row, at) => rowOf(row, numbered ? at + 1 : "")));
  return node;
}

function rowOf({ outlet, waits, refused, visited, begun, visits, calls }, number) {
  const last = outlet.last_visit;
  const node = made("field-row", {
    number,
    name: outlet.name,
    address: outlet.address,
    waits: refused ? say("sentBack") : waits ? say("waits") : "",
    begun: begun ? say("begun") : "",
    visit: visits ? say("visit") : "",
    visited: !visits && outlet.visits_owed ? say("visited") : "",
    calls: calls ? say("calls", calls) : "",
    called: !calls && outlet.calls_owed ? say("called") : "",
    news: outlet.briefings.length ? say("news", outlet.briefings.length) : "",
    since: visited ? "" : last ? say("since", day(last.on)) : say("sinceNever"),
  });
  node.querySelector(".field-open").href = `#visit-${outlet.id}`;
  const phone = node.querySelector(".field-phone");
  phone.href = `#call-${outlet.id}`;
  phone.setAttribute("aria-label", say("phone", outlet.name));
  return node;
}

function nothing(name) {
  const line = document.createElement("p");
  line.className = "text-secondary";
  line.textContent = say(name);
  return line;
}

/** What waits, was sent back or is only begun, newest last; `ask(entry)` throws one away. */
export function waitingOf(pack, outbox, discard) {
  const all = [...outbox.entries, ...outbox.drafts.map((draft) => ({ ...draft, state: "draft" }))];
  return all.map((entry) => {
    const outlet = pack.outlets.find((one) => one.id === entry.outlet);
    const node = made("field-entry", {
      name: outlet?.name ?? say("gone"),
      when: say(entry.state === "draft" ? "draftAt" : `${entry.kind}At`, moment(entry.fields.at?.[0] ?? entry.at)),
      fault: Object.values(entry.errors ?? {}).flat().map((text) => say(text) || text).join(" "),
    });
    node.dataset.state = entry.state;
    node.querySelector("dl").append(...saidOf(entry, outlet, pack));
    const mend = node.querySelector("[data-mend]");
    mend.hidden = !outlet || (entry.state === "waiting" && entry.tried);
    mend.href = `#mend-${entry.key}`;
    node.querySelector("[data-discard]").addEventListener("click", () => discard(entry));
    return node;
  });
}

/** In the words of the form: each question's own label, and the answer. */
function saidOf({ kind, fields, photos }, outlet, pack) {
  const form = document.getElementById(`field-${kind}`).content;
  const rows = [];
  for (const [name, values] of Object.entries(fields)) {
    const input = form.querySelector(`[name="${CSS.escape(name)}"]`);
    const said = values.filter(Boolean);
    const label = labelOf(form, input, name, pack);
    if (said.length && label && !/^matter_\d_kind$/.test(name)) {
      rows.push([label, said.map((value) => answer(form, name, value, outlet)).join(", ")]);
    }
  }
  if (photos?.length) {
    rows.push([say("photos", photos.length), ""]);
  }
  return rows.flatMap(([label, text]) => {
    const [term, value] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = label;
    value.textContent = text;
    return [term, value];
  });
}

function labelOf(form, input, name, pack) {
  const [, campaign, who] = /^campaign_(\d+)_(owner|staff)$/.exec(name) ?? [];
  if (campaign) {
    const asked = document.getElementById("field-campaign").content.querySelector(`[data-of="campaign_0_${who}"] legend`);
    return `${pack.campaigns.find((one) => one.id === Number(campaign))?.name ?? ""} · ${asked.firstChild.textContent}`;
  }
  if (name === "told" || name === "trained") {
    return form.querySelector(`[data-of="${name}"] h2`).textContent;
  }
  if (input?.type === "submit") {
    return say("reached");
  }
  const place = input?.closest("fieldset")?.querySelector("legend")?.firstChild ?? form.querySelector(`label[for="${input?.id}"]`);
  return place?.textContent.trim() ?? "";
}

function answer(form, name, value, outlet) {
  if (name === "told") {
    return outlet?.briefings.find((one) => String(one.id) === value)?.title ?? "✓";
  }
  const chosen = form.querySelector(`[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
  const label = chosen?.type === "radio" ? form.querySelector(`label[for="${chosen.id}"]`) : chosen?.type === "submit" ? chosen : null;
  if (label) {
    return label.textContent.trim();
  }
  return { yes: say("yes"), no: say("no") }[value] ?? value;
}
