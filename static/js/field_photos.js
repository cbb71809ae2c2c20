// Photos of a visit on the phone: made smaller at once, kept with the draft, shown, taken out again.
import { smaller } from "./smaller.js";
import { made, say } from "./field_words.js";

const SHOWN_PX = 160;

export class Photos {
  /** `photos`: [{piece, name, blob}], changed in place; `changed` is called after each change. */
  constructor(form, photos, limits, changed) {
    Object.assign(this, { form, photos, limits, changed, state: form.querySelector("[data-photo-state]"), items: new Map() });
    form.querySelectorAll("[data-photo]").forEach((input) => {
      input.addEventListener("change", () => this.#take(input));
    });
    photos.forEach((photo) => this.#show(photo));
  }

  async #take(input) {
    const piece = input.dataset.photo;
    const files = [...input.files];
    input.value = "";
    this.#busy(true);
    if (piece) {
      this.#remove(this.photos.find((photo) => photo.piece === piece)); // one of each: the newest
    }
    const room = piece ? 1 : this.limits.count - this.photos.filter((photo) => !photo.piece).length;
    for (const file of files.slice(0, room)) {
      const { file: small } = await smaller(file, this.limits.side);
      const photo = { piece, name: small.name, blob: small };
      this.photos.push(photo);
      this.#show(photo);
    }
    this.#busy(false, files.length > room ? say("photoFull") : "");
    const open = piece && this.form.querySelector(`[name="${piece}"][value=""]:checked`);
    if (open && this.photos.some((photo) => photo.piece === piece)) {
      this.form.querySelector(`[name="${piece}"][value="yes"]`).checked = true;
    }
    this.changed();
  }

  /** Nothing is saved while a photo is on its way. */
  #busy(is, text = say("photoBusy")) {
    this.form.querySelector(".field-save .btn").disabled = is;
    this.state.textContent = text;
  }

  #show(photo) {
    const item = made("field-photo");
    const canvas = item.querySelector("canvas");
    const called = this.form.querySelector(`[data-of="${photo.piece}"] legend`)?.firstChild.textContent ?? photo.name;
    canvas.setAttribute("aria-label", say("photoOf", called));
    item.querySelector("[data-remove]").addEventListener("click", () => {
      this.#remove(photo);
      this.changed();
    });
    this.items.set(photo, item);
    this.form.querySelector(`[data-photos="${photo.piece}"]`).append(item);
    draw(photo.blob, canvas);
  }

  #remove(photo) {
    if (photo) {
      this.items.get(photo).remove();
      this.photos.splice(this.photos.indexOf(photo), 1);
    }
  }
}

async function draw(blob, canvas) {
  try {
    const picture = await createImageBitmap(blob);
    const scale = SHOWN_PX / Math.max(picture.width, picture.height);
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
  } catch {
    // What this browser can't show is left to the server.
  }
}
