// Photos of camera and album: made smaller before they are sent, shown, taken out again. Without this script the two
// inputs work as they are, and the server makes the photos smaller.
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

// The file as a JPEG of at most `side` pixels, and its picture; what this browser can't read is left to the server.
async function smaller(file, side) {
  const preview = document.createElement("canvas");
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    preview.width = Math.max(1, Math.round(picture.width * scale));
    preview.height = Math.max(1, Math.round(picture.height * scale));
    const context = preview.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, preview.width, preview.height);
    context.drawImage(picture, 0, 0, preview.width, preview.height);
    picture.close();
    const blob = await new Promise((done) => preview.toBlob(done, "image/jpeg", 0.85));
    const name = file.name.replace(/\.\w+$/, "") + ".jpg";
    return { file: new File([blob], name, { type: "image/jpeg" }), preview };
  } catch {
    return { file, preview };
  }
}
