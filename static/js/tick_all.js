// A group of boxes that one button ticks; when all are ticked, it unticks them.
for (const group of document.querySelectorAll("[data-tick-group]")) {
  const button = group.querySelector("[data-tick-all]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const boxes = [...group.querySelectorAll('input[type="checkbox"]')];
    const all = boxes.every((box) => box.checked);
    boxes.forEach((box) => {
      box.checked = !all;
    });
  });
}
