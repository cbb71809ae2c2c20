// Projects to tick: a search narrows them, the nearest to the place typed or taken come first, those chosen on top.
const EARTH = 6371000;
const radians = (degrees) => degrees * Math.PI / 180;

const apart = (one, other) => {
  const across = radians(other[0] - one[0]) / 2;
  const up = radians(other[1] - one[1]) / 2;
  const part = Math.sin(up) ** 2 + Math.cos(radians(one[1])) * Math.cos(radians(other[1])) * Math.sin(across) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(part)));
};

for (const pick of document.querySelectorAll("[data-pick]")) {
  start(pick);
}

function start(pick) {
  const list = pick.querySelector("[data-pick-list]");
  const rows = [...pick.querySelectorAll("[data-pick-row]")];
  const search = pick.querySelector("[data-pick-search]");
  const count = pick.querySelector("[data-pick-count]");
  const form = pick.closest("form");
  const box = (row) => row.querySelector("input");
  const place = () => ["longitude", "latitude"].map((name) => form.elements[name]?.value.trim() ?? "");
  let seen = place().join();

  const show = () => {
    const words = search.value.trim().toLowerCase();
    rows.forEach((row) => { row.hidden = words !== "" && !row.dataset.text.includes(words); });
    count.textContent = count.dataset.pickCount.replace("{n}", rows.filter((row) => box(row).checked).length);
  };

  const measure = () => {
    const here = place();
    if (here.includes("") || here.some((one) => Number.isNaN(Number(one))) || here.join() === seen) {
      return;
    }
    seen = here.join();
    const far = new Map(rows.map((row) => [row, row.dataset.longitude
      ? apart(here.map(Number), [Number(row.dataset.longitude), Number(row.dataset.latitude)]) : Infinity]));
    for (const row of rows) {
      const state = row.querySelector("[data-pick-distance]");
      const metres = far.get(row);
      state.textContent = metres === Infinity ? "" : metres < 1000
        ? `${Math.round(metres)} ${state.dataset.metres}` : `${(metres / 1000).toFixed(1)} ${state.dataset.kilometres}`;
    }
    const order = (row) => [box(row).checked ? 0 : 1, far.get(row)];
    rows.sort((one, other) => order(one)[0] - order(other)[0] || order(one)[1] - order(other)[1] || 0);
    list.append(...rows);
  };

  pick.querySelector("[data-pick-head]").hidden = rows.length < 8;
  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); } });
  list.addEventListener("change", show);
  form.addEventListener("input", measure);
  form.addEventListener("place", measure);
  show();
}
