// A list whose rows are ticked: all at once, how many are, and a question that says the number.
for (const form of document.querySelectorAll("form[data-choose]")) {
  const boxes = [...form.querySelectorAll('input[type="checkbox"][name="plan"]')];
  const all = form.querySelector("[data-choose-all] input");
  const state = form.querySelector("[data-chosen]");

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    state.textContent = state.dataset.chosen.replace("{n}", chosen);
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    for (const button of form.querySelectorAll("[data-needs-chosen]")) {
      button.disabled = chosen === 0;
      button.dataset.confirm = button.dataset.confirmMany.replace("{n}", chosen);
    }
  };

  all.closest("[data-choose-all]").hidden = false;
  all.addEventListener("change", () => {
    boxes.forEach((box) => {
      box.checked = all.checked;
    });
    show();
  });
  form.addEventListener("change", show);
  // what the browser has kept ticked when one comes back
  window.addEventListener("pageshow", show);
  show();
}
