// The split of a unit's figures: asked for again with each figure typed; what somebody types in is left alone.
const form = document.querySelector("[data-split]");
const WAIT_MS = 300;
let timer = 0;
let asked = 0;
let changed = false;

function merge(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  fresh.querySelectorAll("[data-live]").forEach((part) => {
    const here = document.getElementById(part.id);
    if (here && here.innerHTML !== part.innerHTML) {
      const open = here.querySelector("details")?.open;
      here.replaceChildren(...part.childNodes);
      if (open && here.querySelector("details")) {
        here.querySelector("details").open = true;
      }
    }
  });
  fresh.querySelectorAll("input[type=number]").forEach((input) => {
    const here = document.getElementById(input.id);
    const locked = document.getElementById(`lock-${input.name}`);
    if (here && locked) {
      here.readOnly = input.hasAttribute("readonly");
      // Whoever empties a figure may be about to type another.
      const emptied = here === document.activeElement && here.value === "";
      if (!locked.checked && !emptied) {
        here.value = input.value;
      }
    }
  });
}

async function ask() {
  const mine = ++asked;
  form.setAttribute("aria-busy", "true");
  const failed = form.querySelector("[data-split-failed]");
  try {
    const answer = await fetch(form.dataset.split, { method: "POST", body: new FormData(form), redirect: "error" });
    if (mine !== asked) {
      return;
    }
    if (!answer.ok && answer.status !== 422) {
      throw new Error(String(answer.status));
    }
    merge(await answer.text());
    failed.hidden = true;
  } catch {
    if (mine === asked) {
      failed.textContent = form.dataset.failed;
      failed.hidden = false;
    }
  } finally {
    if (mine === asked) {
      form.removeAttribute("aria-busy");
    }
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT_MS);
}

if (form) {
  form.addEventListener("input", (event) => {
    const input = event.target;
    changed = true;
    if (input.matches("input[type=number]")) {
      // A figure that somebody types stays; one that is emptied is split again.
      const lock = document.getElementById(`lock-${input.name}`);
      if (lock) {
        lock.checked = input.value !== "";
      } else {
        document.getElementById(input.name.replace("u-", "split-")).checked = input.value !== "";
      }
      soon();
    }
  });
  form.addEventListener("focusout", (event) => {
    if (event.target.matches("input[type=number]:not([readonly])") && event.target.value === "") {
      soon();
    }
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("input[type=checkbox]")) {
      soon();
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      clearTimeout(timer);
      ask();
    }
  });
  form.addEventListener("submit", () => {
    changed = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) {
      event.preventDefault();
    }
  });
}
