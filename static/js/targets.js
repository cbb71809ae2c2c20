// The table of targets: sums as one types, up and down with the arrow keys or Enter.
const form = document.querySelector("[data-targets]");

function cellsOf(goal) {
  return [...form.querySelectorAll(`tbody input[name$="-${goal}"]`)].filter((input) => !input.name.startsWith("u-"));
}

function number(text) {
  return text.trim() === "" ? null : Number(text);
}

// Utilisation is no sum: the mean of the grids, weighed by their ports where these are known.
function together(goal) {
  const known = cellsOf(goal).filter((input) => Number.isFinite(number(input.value)) && number(input.value) !== null);
  if (!known.length) {
    return null;
  }
  if (goal !== "port_utilisation") {
    return known.reduce((sum, input) => sum + number(input.value), 0);
  }
  let weights = known.map((input) => Number(input.closest("tr").querySelector("[data-ports]").dataset.ports));
  weights = weights.some(Boolean) ? weights : known.map(() => 1);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return Math.round((10 * known.reduce((sum, input, at) => sum + number(input.value) * weights[at], 0)) / whole) / 10;
}

function written(value, goal) {
  return goal === "port_utilisation" ? `${value.toFixed(1)} %` : value.toLocaleString("en-US");
}

function addUp(goal) {
  const total = together(goal);
  const figure = number(form.elements[`u-${goal}`].value);
  form.querySelector(`[data-total="${goal}"]`).textContent = total === null ? "—" : written(total, goal);
  let gap = total === null || figure === null ? null : Math.round(10 * (figure - total)) / 10;
  if (goal === "port_utilisation" && gap !== null && Math.abs(gap) < 0.5) {
    gap = 0; // tenths rounded in each grid
  }
  const shown = form.querySelector(`[data-gap="${goal}"]`);
  const text = shown.querySelector("[data-gap-text]");
  shown.hidden = !gap;
  text.textContent = gap ? `${gap > 0 ? text.dataset.short : text.dataset.over} ${Math.abs(gap).toLocaleString("en-US")}` : "";
  form.querySelector(`[data-even="${goal}"]`).hidden = gap !== 0;
}

function goalOf(input) {
  return input.name.slice(input.name.indexOf("-") + 1);
}

if (form) {
  let changed = false;
  form.addEventListener("input", (event) => {
    if (event.target.matches("tbody input")) {
      changed = true;
      addUp(goalOf(event.target));
    }
  });
  form.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
    if (!step || !event.target.matches("tbody input")) {
      return;
    }
    // Enter goes down a column, as in a sheet; the button hands down.
    event.preventDefault();
    const goal = goalOf(event.target);
    const column = [form.elements[`u-${goal}`], ...cellsOf(goal)];
    const next = column[column.indexOf(event.target) + step];
    next?.focus();
    next?.select();
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
