// Photos of camera and album: made smaller before they are sent, shown, taken out again. Without this script the two
// inputs work as they are, and the server makes the photos smaller.
import { smaller } from "./smaller.js";

for (const picker of document.querySelectorAll("[data-photo-picker]")) {
  start(picker);
}

function start(picker) {
  const album = picker.querySelector("input[name=photos]");
  const camera = picker.querySelector("input[name=camera]");
  const list = picker.querySelector("[data-photo-list]");
  const state = picker.querySelector("[data-photo-state]");
  const words = picker.querySelector("[data-photo-words]").dataset;
  const buttons = picker.closest("form").querySelectorAll("[type=submit]");
  const limit = Number(words.photoLimit);
  let kept = [];
  picker.classList.add("on");

  const send = () => {
    const transfer = new DataTransfer();
    kept.forEach((one) => transfer.items.add(one.file));
    album.files = transfer.files;
  };

  const show = (one) => {
    const item = document.createElement("li");
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "btn btn-sm btn-icon";
    remove.title = words.photoRemove;
    remove.setAttribute("aria-label", words.photoRemove);
    remove.textContent = "×";
    remove.addEventListener("click", () => {
      kept = kept.filter((other) => other !== one);
      item.remove();
      state.textContent = "";
      send();
    });
    item.append(one.preview, remove);
    list.append(item);
  };

  const take = async (input) => {
    const files = [...input.files];
    camera.value = "";
    state.textContent = words.photoBusy;
    buttons.forEach((button) => { button.disabled = true; });
    const room = limit - kept.length;
    for (const file of files.slice(0, room)) {
      const one = await smaller(file, Number(words.photoSide));
      kept.push(one);
      show(one);
    }
    send();
    state.textContent = files.length > room ? words.photoFull : "";
    buttons.forEach((button) => { button.disabled = false; });
  };

  album.addEventListener("change", () => take(album));
  camera.addEventListener("change", () => take(camera));
}
