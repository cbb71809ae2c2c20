// A round: stops are dragged by their grip, the start may be this device's place. Without this script arrows move them.

// --- Dragged ---

const list = document.querySelector("[data-round-stops]");
const form = document.querySelector("[data-round-form]");

for (const grip of list?.querySelectorAll("[data-grip]") ?? []) {
  grip.hidden = false;
  grip.addEventListener("pointerdown", (event) => drag(grip, event));
}

function drag(grip, begun) {
  if (begun.button !== 0) {
    return;
  }
  begun.preventDefault();
  const stop = grip.closest("li");
  const before = order();
  stop.classList.add("is-dragged");
  grip.setPointerCapture(begun.pointerId);
  const over = (event) => move(stop, event.clientY);
  const end = (event) => {
    grip.removeEventListener("pointermove", over);
    grip.removeEventListener("pointerup", end);
    grip.removeEventListener("pointercancel", end);
    stop.classList.remove("is-dragged");
    if (event.type === "pointerup" && order().join() !== before.join()) {
      send(stop.dataset.outlet);
    }
  };
  grip.addEventListener("pointermove", over);
  grip.addEventListener("pointerup", end);
  grip.addEventListener("pointercancel", end);
}

function order() {
  return [...list.children].map((stop) => stop.dataset.outlet);
}

/** Those whose middle the pointer has passed change sides; the dragged stop itself stays, or its pointer is lost. */
function move(stop, y) {
  const passed = (other, up) => {
    const { top, height } = other?.getBoundingClientRect() ?? {};
    return other && (up ? y < top + height / 2 : y > top + height / 2);
  };
  while (passed(stop.previousElementSibling, true)) {
    stop.after(stop.previousElementSibling);
  }
  while (passed(stop.nextElementSibling, false)) {
    stop.before(stop.nextElementSibling);
  }
}

function send(dragged) {
  const field = (name, value) => {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  };
  order().forEach((outlet) => field("outlets", outlet));
  field("dragged", dragged);
  form.requestSubmit();
}

// --- From here ---

const here = document.querySelector("[data-here]");
const ask = here?.querySelector("[data-here-ask]");

if (ask && window.isSecureContext && navigator.geolocation) {
  const state = here.querySelector("[data-here-state]");
  ask.hidden = false;
  ask.addEventListener("click", () => {
    state.textContent = here.dataset.asking;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      here.querySelector("[name=place]").value = `${coords.longitude.toFixed(6)}, ${coords.latitude.toFixed(6)}`;
      state.textContent = here.dataset.found.replace("#", Math.round(coords.accuracy));
    }, () => { state.textContent = here.dataset.denied; }, { enableHighAccuracy: true, timeout: 20_000 });
  });
}
