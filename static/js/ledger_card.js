// A card with something typed and not saved is not left without a question: not by a link, nor by another button.
const form = document.querySelector(".ledger-card form");

if (form) {
  const typed = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"));
  const begun = form.querySelector(".is-invalid") ? "" : typed(); // what was not taken is not saved yet
  let sent = false;
  form.addEventListener("submit", () => (sent = true));
  addEventListener("pageshow", () => (sent = false));
  addEventListener("beforeunload", (event) => {
    if (!sent && typed() !== begun) {
      event.preventDefault();
      event.returnValue = "yes"; // for browsers of some years ago
      setTimeout(() => document.querySelectorAll("form[data-sent]").forEach((one) => delete one.dataset.sent));
    }
  });
}
