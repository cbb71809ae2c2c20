// The page of a split: sliders beside the weights, and a search in the table.
const find = document.querySelector("[data-find]");
if (find) {
  find.parentElement.hidden = false;
  find.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    for (const row of document.querySelectorAll("[data-find-in]")) {
      row.hidden = !row.dataset.findIn.toLowerCase().includes(wanted);
    }
  });
}

for (const slider of document.querySelectorAll("[data-bound-to]")) {
  const number = document.getElementById(slider.dataset.boundTo);
  slider.hidden = false;
  slider.addEventListener("input", () => (number.value = slider.value));
  number.addEventListener("input", () => (slider.value = number.value));
}
