// What every page shares: forms are sent once, filters apply when changed, dangerous buttons ask first.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.matches("[data-sign-out]")) {
    forget();
  }
  if (form.method === "post") {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
  }
});

/** Who signs out leaves nothing behind in the tab. */
function forget() {
  try {
    sessionStorage.clear();
  } catch {
    // A window without storage holds nothing.
  }
}

// A page that comes back from the browser's memory may be sent again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit] select, [data-autosubmit] input[type=month]")) {
    event.target.form.requestSubmit();
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) {
    navigator.clipboard.writeText(button.dataset.copy);
  }
  if (event.target.closest("[data-print]")) print();
});

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
});

// On a phone a visit is written in the form that the phone keeps: it opens without a connection too.
if (window.indexedDB && matchMedia("(pointer: coarse)").matches) {
  document.querySelectorAll("a[data-on-phone]").forEach((link) => { link.href = link.dataset.onPhone; });
}

// On a phone the tabs scroll: the one that is open is in sight.
document.querySelector(".section-tab.active")?.scrollIntoView({ block: "nearest", inline: "center" });
