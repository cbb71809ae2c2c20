// The forms of a visit and of a call, filled from the pack; what is half done is kept as a draft all the while.
import { newKey } from "./keys.js";
import { Photos } from "./field_photos.js";
import { day, fill, isToday, made, moment, say } from "./field_words.js";

const SAVE_AFTER_MS = 300;
const EARTH_M = 6_371_000;
const PLACE_OPTIONS = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 };

/** One visit or call as it is typed. `draft`: {key, person, kind, outlet, fields, photos, at, place, errors}. */
export class FieldForm {
  constructor({ store, outbox, limits, pack, kind, outlet, draft, done, troubled }) {
    const begun = { key: newKey(), person: outbox.person, kind, outlet: outlet.id, fields: {}, photos: [], at: new Date().toISOString(), place: null };
    Object.assign(this, { store, outbox, pack, outlet, done, troubled, timer: null, closed: false });
    this.draft = draft ?? begun;
    this.form = made(`field-${kind}`, { address: outlet.address, faults: "" });
    this.#fillFrom(pack, outlet);
    this.#restore();
    this.form.addEventListener("input", (event) => {
      event.target.closest("[data-of]")?.querySelector("[data-fault]")?.remove();
      this.#changed();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save(event.submitter);
    });
    if (kind === "visit") {
      this.#startVisit(limits, !draft);
    }
    this.#showErrors(this.draft.errors ?? {});
  }

  #startVisit(limits, fresh) {
    this.photos = new Photos(this.form, this.draft.photos, limits, () => this.#changed());
    this.form.querySelector("[data-arrive]").addEventListener("click", () => this.#arrive());
    this.form.querySelector("[data-all-there]").addEventListener("click", () => {
      this.form.querySelectorAll('.field-piece [value="yes"]').forEach((radio) => { radio.checked = true; });
      this.#changed();
    });
    this.form.querySelectorAll("[data-far]").forEach((chip) => chip.addEventListener("click", () => {
      this.form.elements.far_reason.value = chip.textContent;
      this.form.elements.far_reason.dispatchEvent(new Event("input", { bubbles: true }));
    }));
    this.#showArrival();
    if (fresh) {
      this.#askPlace();
    }
  }

  // --- What the pack knows ---

  #fillFrom(pack, outlet) {
    const campaigns = pack.campaigns.filter((one) => outlet.campaigns.includes(one.id));
    const last = outlet.last_visit?.five ?? {};
    Object.entries(last).forEach(([piece, there]) => {
      const place = this.form.querySelector(`[data-slot="last-${piece}"]`);
      if (place && there !== null) {
        place.textContent = say(there ? "lastYes" : "lastNo");
        place.hidden = false;
      }
    });
    if (this.form.querySelector('[data-slot="me"]')) {
      fill(this.form, { me: say("me", `${pack.manager.name} ${pack.manager.phone}`), projects: outlet.projects.length });
    }
    this.#rows("campaigns", campaigns, (one) => campaign(one));
    this.#rows("news", outlet.briefings, (one) => (
      this.draft.kind === "visit" ? tick("told", one.id, one.title, one.text, say("due", day(one.due_on)))
        : made("field-fact", { title: one.title, text: one.text })));
    this.#rows("staff", outlet.staff, (one) => tick("trained", one.name, one.name,
      one.trained_until ? say("trainedUntil", day(one.trained_until)) : "", one.training_due ? say("trainingDue") : ""));
    this.#rows("projects", outlet.projects, (one) => made("field-fact", { title: one.name, text: facts(one) }));
  }

  #rows(part, rows, build) {
    const place = this.form.querySelector(`[data-rows="${part}"]`);
    if (place && rows.length) {
      place.append(...rows.map(build));
      place.closest("[data-part]").hidden = false;
    }
  }

  // --- Kept while it is typed ---

  #restore() {
    for (const [name, values] of Object.entries(this.draft.fields)) {
      for (const input of this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (input.type === "radio" || input.type === "checkbox") {
          input.checked = values.includes(input.value);
        } else if (input.type !== "submit") {
          [input.value] = values;
        }
      }
    }
    this.form.querySelectorAll("[data-part=matters]").forEach((part) => {
      part.open = [...part.querySelectorAll("textarea")].some((text) => text.value);
    });
  }

  #changed() {
    clearTimeout(this.timer);
    this.touched = true;
    this.timer = setTimeout(() => this.keep(), SAVE_AFTER_MS);
  }

  #said() {
    const fields = {};
    for (const [name, value] of new FormData(this.form)) {
      (fields[name] ??= []).push(value);
    }
    return fields;
  }

  /** Now, not later: the page may go. */
  async keep() {
    clearTimeout(this.timer);
    if (!this.touched || this.closed) {
      return;
    }
    this.draft.fields = this.#said();
    try {
      await this.store.write(["drafts", { ...this.draft, photos: [...this.draft.photos] }]);
      if (!this.outbox.drafts.some((draft) => draft.key === this.draft.key)) {
        await this.outbox.reload(); // one more that waits
      }
    } catch {
      this.troubled("full");
    }
  }

  // --- Arrived: when, where ---

  #arrive() {
    Object.assign(this.draft, { at: new Date().toISOString(), place: null });
    this.#showArrival();
    this.#askPlace();
    this.#changed();
  }

  #askPlace() {
    if (!window.isSecureContext || !navigator.geolocation) {
      fill(this.form, { place: say("placeInsecure") });
      return;
    }
    fill(this.form, { place: say("placeAsking") });
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      this.draft.place = { longitude: coords.longitude.toFixed(6), latitude: coords.latitude.toFixed(6), accuracy_m: Math.round(coords.accuracy) };
      this.#showArrival();
      if (this.touched) {
        this.#changed();
      }
    }, () => fill(this.form, { place: say("placeDenied") }), PLACE_OPTIONS);
  }

  #showArrival() {
    const { at, place } = this.draft;
    const metres = this.#distance();
    const known = metres < 1_000 ? say("placeNear", Math.round(metres)) : say("placeKm", Math.round(metres / 1_000));
    const near = metres === null ? say("placeFound", place?.accuracy_m ?? "") : known;
    fill(this.form, { arrived: say(isToday(at) ? "arrived" : "arrivedOther", moment(at)), place: place ? near : "" });
    this.form.querySelector(".field-far").hidden = !this.#isFar() && !this.form.elements.far_reason.value;
  }

  #distance() {
    const { place } = this.draft;
    return place && this.outlet.longitude !== null ? metresBetween(place, this.outlet) : null;
  }

  #isFar() {
    const metres = this.#distance();
    return metres !== null && metres - this.draft.place.accuracy_m > this.pack.far_metres;
  }

  // --- Saved ---

  async #save(button) {
    const { draft, form } = this;
    if (this.closed) {
      return; // a second tap
    }
    const isVisit = draft.kind === "visit";
    if (isVisit && this.#isFar() && !form.elements.far_reason.value.trim()) {
      this.#showErrors({ far_reason: [say("far")] });
      return;
    }
    const fields = { ...this.#said(), key: [draft.key], at: [draft.at] };
    if (isVisit) {
      Object.entries(draft.place ?? {}).forEach(([name, value]) => { fields[name] = [String(value)]; });
    } else {
      fields.reached = [button.value];
      fields.at = [draft.fields.at?.[0] ?? new Date().toISOString()];
    }
    this.closed = true;
    try {
      await this.outbox.add({ ...draft, fields, photos: [...draft.photos], said: new Date().toISOString() });
      this.done(this.outlet);
    } catch {
      this.closed = false;
      this.#showErrors({ "": [say("full")] });
    }
  }

  /** Each at its field; what belongs to none above all. The first one is in sight. */
  #showErrors(errors) {
    this.form.querySelectorAll("[data-fault]").forEach((fault) => fault.remove());
    const loose = [];
    const places = [];
    for (const [field, texts] of Object.entries(errors)) {
      const place = this.form.querySelector(`[data-of="${CSS.escape(field)}"]`);
      if (place) {
        place.hidden = false;
        place.closest("details")?.setAttribute("open", "");
        place.append(fault(texts));
        places.push(place);
      } else {
        loose.push(...texts.map((text) => say(text) || text));
      }
    }
    if (places.length && !loose.length) {
      loose.push(say("look"));
    }
    fill(this.form, { faults: loose.join(" ") });
    const first = places[0] ?? (loose.length ? this.form.querySelector('[data-slot="faults"]') : null);
    requestAnimationFrame(() => {
      first?.scrollIntoView({ block: "center" });
      first?.querySelector("input:not([type=radio]), textarea")?.focus({ preventScroll: true });
    });
  }
}

function fault(texts) {
  const line = document.createElement("p");
  line.className = "field-fault";
  line.dataset.fault = "";
  line.textContent = texts.join(" ");
  return line;
}

function campaign(one) {
  const node = made("field-campaign", { name: one.name, ends: say("ends", day(one.ends_on)), offer: one.offer, commission: one.commission || "—", points: one.selling_points || "—" });
  for (const element of node.querySelectorAll("[name], [id], [for], [data-of]")) {
    for (const attribute of ["name", "id", "for", "data-of"]) {
      const value = element.getAttribute(attribute);
      if (value) {
        element.setAttribute(attribute, value.replace("campaign_0_", `campaign_${one.id}_`));
      }
    }
  }
  return node;
}

function tick(name, value, title, text, due) {
  const node = made("field-tick", { title, text, due });
  Object.assign(node.querySelector("input"), { name, value });
  return node;
}

function facts({ address, access, households, free_ports: ports }) {
  const known = [address, access, households !== null && say("households", households), ports !== null && say("ports", ports)];
  return known.filter(Boolean).join(" · ");
}

/** Over the ground, along a great circle; as the server reckons. */
function metresBetween(one, other) {
  const [x1, y1, x2, y2] = [one.longitude, one.latitude, other.longitude, other.latitude].map((degrees) => (Number(degrees) * Math.PI) / 180);
  const part = Math.sin((y2 - y1) / 2) ** 2 + Math.cos(y1) * Math.cos(y2) * Math.sin((x2 - x1) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(part)));
}
