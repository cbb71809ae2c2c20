// Ticking all projects of the page at once; without this each is ticked by itself.
const all = document.querySelector("[data-tick-all]");
if (all) {
  all.hidden = false;
  all.parentElement.querySelectorAll("[hidden]").forEach((part) => {
    part.hidden = false;
  });
  const boxes = () => document.querySelectorAll(`#list input[name="${all.dataset.tickAll}"]`);
  all.addEventListener("change", () => boxes().forEach((box) => {
    box.checked = all.checked;
  }));
  document.addEventListener("change", (event) => {
    if (event.target.matches(`#list input[name="${all.dataset.tickAll}"]`)) {
      all.checked = [...boxes()].every((box) => box.checked);
    }
  });
  document.addEventListener("htmx:afterSwap", () => {
    all.checked = false;
  });
}
