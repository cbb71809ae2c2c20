// One box that picks all of a card, where there is a script for it.
for (const form of document.querySelectorAll("[data-tell]")) {
  const all = form.querySelector("[data-tell-all]");
  const picks = [...form.querySelectorAll("input[name=pick]")];
  if (!all) continue;
  all.closest("label").hidden = false;
  const follow = () => {
    const picked = picks.filter((pick) => pick.checked).length;
    all.checked = picked === picks.length;
    all.indeterminate = picked > 0 && picked < picks.length;
  };
  all.addEventListener("change", () => {
    for (const pick of picks) pick.checked = all.checked;
  });
  for (const pick of picks) pick.addEventListener("change", follow);
  // a browser that comes back to the page keeps what was picked
  follow();
}
