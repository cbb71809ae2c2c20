// The map of projects on a plain canvas: outlines of the grids, a dot a project, a diamond a new project.
import { View, listen } from "./map_view.js";

const RADII = [3.5, 4.5, 5.5, 6.75, 8];
const UNKNOWN = 3.5, DIAMOND = 6;
const LISTED = 12; // of the dots that lie under a tap
const NEAR = 10, NEAR_TOUCH = 20; // pixels
const KEPT = `map-view:${location.pathname}`;

const data = JSON.parse(document.getElementById("map-data").textContent);
const words = document.getElementById("map-words").dataset;
const canvas = document.getElementById("map-canvas");
const pen = canvas.getContext("2d");
const tip = document.getElementById("map-tip");
const chosen = document.getElementById("map-chosen");
const list = document.getElementById("map-list");
const placing = document.getElementById("map-place");
const byStep = new Map([...RADII.keys(), null].map((step) => [step, []]));
data.step.forEach((step, dot) => byStep.get(step).push(dot));

let hover = null; // what lies under the pointer
let ringed = []; // what was chosen
let colours = {};
let waiting = 0;

const view = new View(canvas, draw);

// --- Drawing ---

function draw() {
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    paint();
    keep();
  });
}

function readColours(from = document.documentElement) {
  const style = getComputedStyle(from);
  const read = (name) => style.getPropertyValue(`--map-${name}`).trim();
  const names = ["0", "1", "2", "3", "4", "none", "line", "area", "edge", "text", "prospect", "here"];
  colours = Object.fromEntries(names.map((name) => [name, read(name)]));
  colours.font = getComputedStyle(document.body).fontFamily;
}

function paint() {
  pen.setTransform(view.dense, 0, 0, view.dense, 0, 0);
  pen.clearRect(0, 0, view.width, view.height);
  data.outlines.forEach(outline);
  const seen = visible();
  const size = crowding(seen.length);
  const drawn = new Set(seen);
  // The big ones first, so that the small ones are not hidden under them.
  for (const step of [4, 3, 2, 1, 0, null]) {
    dots(byStep.get(step).filter((dot) => drawn.has(dot)), step, size);
  }
  data.prospects.forEach((one) => diamond(view.x(one.lon), view.y(one.lat)));
  data.outlines.forEach(title);
  ringed.forEach((dot) => ring(dot, size));
  candidate();
  scaleBar();
  canvas.dataset.drawn = seen.length;
}

function visible() {
  const edge = RADII.at(-1) * 2;
  return data.id.map((_, dot) => dot).filter((dot) => {
    const x = view.x(data.lon[dot]), y = view.y(data.lat[dot]);
    return x > -edge && y > -edge && x < view.width + edge && y < view.height + edge;
  });
}

// Many dots are drawn smaller, few larger.
function crowding(count) {
  const room = Math.sqrt((view.width * view.height) / Math.max(1, count));
  return Math.min(1.35, Math.max(0.5, room / 45));
}

function radius(step, size) {
  return (step === null ? UNKNOWN : RADII[step]) * size;
}

function dots(found, step, size) {
  const wide = radius(step, size);
  pen.beginPath();
  for (const dot of found) {
    const x = view.x(data.lon[dot]), y = view.y(data.lat[dot]);
    pen.moveTo(x + wide, y);
    pen.arc(x, y, wide, 0, 2 * Math.PI);
  }
  if (step === null) {
    pen.lineWidth = 1.5;
    pen.strokeStyle = colours.none;
    pen.stroke();
    return;
  }
  pen.fillStyle = colours[step];
  pen.fill();
  pen.lineWidth = 0.75;
  pen.strokeStyle = colours.line;
  pen.stroke();
}

function diamond(x, y) {
  pen.beginPath();
  pen.moveTo(x, y - DIAMOND);
  pen.lineTo(x + DIAMOND, y);
  pen.lineTo(x, y + DIAMOND);
  pen.lineTo(x - DIAMOND, y);
  pen.closePath();
  pen.lineWidth = 2;
  pen.strokeStyle = colours.prospect;
  pen.stroke();
}

// The outline is the hull, widened by a thick round line, so that no dot lies on its edge.
function outline({ hull }) {
  const trace = () => {
    pen.beginPath();
    hull.forEach(([lon, lat]) => pen.lineTo(view.x(lon), view.y(lat)));
    pen.closePath();
    pen.lineJoin = "round";
    pen.lineCap = "round";
  };
  trace();
  pen.lineWidth = 28;
  pen.strokeStyle = colours.area;
  pen.stroke();
  trace();
  pen.fillStyle = colours.area;
  pen.fill();
  trace();
  pen.setLineDash([4, 4]);
  pen.lineWidth = 1;
  pen.strokeStyle = colours.edge;
  pen.stroke();
  pen.setLineDash([]);
}

function title({ name, hull }) {
  const [lon, lat] = hull.reduce((top, one) => (one[1] > top[1] ? one : top));
  pen.font = `600 13px ${colours.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "bottom";
  pen.lineWidth = 3;
  pen.strokeStyle = colours.line;
  pen.fillStyle = colours.text;
  const x = view.x(lon), y = view.y(lat) - 16;
  pen.strokeText(name, x, y);
  pen.fillText(name, x, y);
}

function ring(dot, size) {
  pen.beginPath();
  pen.arc(view.x(data.lon[dot]), view.y(data.lat[dot]), radius(data.step[dot], size) + 4, 0, 2 * Math.PI);
  pen.lineWidth = 2.5;
  pen.strokeStyle = colours.here;
  pen.stroke();
}

// Where the project that is being placed would lie.
function candidate() {
  const at = placing && typed();
  if (!at) {
    return;
  }
  const x = view.x(at[0]), y = view.y(at[1]);
  pen.lineWidth = 2;
  pen.strokeStyle = colours.here;
  pen.beginPath();
  pen.arc(x, y, 9, 0, 2 * Math.PI);
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    pen.moveTo(x + 4 * dx, y + 4 * dy);
    pen.lineTo(x + 16 * dx, y + 16 * dy);
  }
  pen.stroke();
}

function scaleBar() {
  if (!data.id.length && !data.prospects.length) {
    return;
  }
  const metre = view.scale / 111320;
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];
  const length = steps.findLast((one) => one * metre <= 110) ?? 1;
  const right = view.width - 14, bottom = view.height - 12;
  pen.lineWidth = 2;
  pen.strokeStyle = pen.fillStyle = colours.text;
  pen.beginPath();
  pen.moveTo(right - length * metre, bottom - 5);
  pen.lineTo(right - length * metre, bottom);
  pen.lineTo(right, bottom);
  pen.lineTo(right, bottom - 5);
  pen.stroke();
  pen.font = `12px ${colours.font}`;
  pen.textAlign = "right";
  pen.textBaseline = "bottom";
  pen.fillText(length < 1000 ? `${length} ${words.metres}` : `${length / 1000} ${words.kilometres}`, right - 4, bottom - 5);
}

// --- What lies where ---

function under(x, y, reach) {
  const far = (lon, lat) => Math.hypot(view.x(lon) - x, view.y(lat) - y);
  const found = [];
  data.id.forEach((_, dot) => found.push({ dot, far: far(data.lon[dot], data.lat[dot]) }));
  data.prospects.forEach((prospect) => found.push({ prospect, far: far(prospect.lon, prospect.lat) }));
  return found.filter((one) => one.far <= reach).sort((one, other) => one.far - other.far);
}

function written(measure, dot) {
  const value = data.figures[measure.name][dot];
  if (value === null) {
    return "—";
  }
  const digits = { minimumFractionDigits: measure.digits, maximumFractionDigits: measure.digits };
  return value.toLocaleString("en", digits) + measure.suffix;
}

const current = data.measures.find((one) => one.name === canvas.dataset.colour);

function hovered(x, y) {
  const found = x < 0 || placing ? [] : under(x, y, NEAR);
  canvas.classList.toggle("map-pointing", found.length > 0);
  hover = found[0] ?? null;
  tip.hidden = !hover;
  if (hover) {
    const { dot, prospect } = hover;
    const said = prospect ? `${prospect.name} · ${words.new}: ${prospect.stage}` : `${data.name[dot]} · ${current.title} ${written(current, dot)}`;
    tip.textContent = found.length > 1 ? `${said} (+${found.length - 1})` : said;
  }
}

function tapped(x, y, touch) {
  if (placing) {
    choosePlace(view.place(x, y));
    return;
  }
  show(under(x, y, touch ? NEAR_TOUCH : NEAR));
}

function show(found) {
  ringed = found.filter((one) => one.prospect === undefined).map((one) => one.dot);
  chosen.hidden = !found.length;
  list.replaceChildren(...found.slice(0, LISTED).map(item));
  if (found.length > LISTED) {
    list.append(made("div", "list-group-item text-secondary small", words.more.replace("%(n)s", found.length - LISTED)));
  }
  view.resize();
}

function made(tag, name, text = "") {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

function item({ dot, prospect }) {
  const box = made("div", "list-group-item");
  const link = made("a", "fw-bold", prospect ? prospect.name : data.name[dot]);
  link.href = prospect ? prospect.url : data.url.replace("/0/", `/${data.id[dot]}/`);
  box.append(link, made("div", "text-secondary small", prospect ? `${words.new} · ${prospect.stage}` : data.grid[dot]));
  if (prospect) {
    return box;
  }
  const facts = made("dl", "map-found");
  for (const measure of data.measures) {
    const now = measure === current ? "map-now" : "";
    facts.append(made("dt", now, measure.title), made("dd", now, written(measure, dot)));
  }
  box.append(facts);
  if (data.editable[dot]) {
    const move = made("a", "btn btn-sm mt-2", words.move);
    move.href = data.move.replace("place=0", `place=${data.id[dot]}`);
    box.append(move);
  }
  return box;
}

// --- Placing ---

function typed() {
  const numbers = ["longitude", "latitude"].map((name) => placing.elements[name].value);
  return numbers.every((text) => text !== "" && Number.isFinite(Number(text))) ? numbers.map(Number) : null;
}

function choosePlace(place) {
  ["longitude", "latitude"].forEach((name, part) => {
    placing.elements[name].value = place[part].toFixed(6);
  });
  placing.querySelector(".btn-primary").focus({ preventScroll: true });
  draw();
}

// --- Beginning ---

function fit() {
  const lons = [...data.lon, ...data.prospects.map((one) => one.lon)];
  view.fit(lons, [...data.lat, ...data.prospects.map((one) => one.lat)]);
}

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify([view.lon, view.lat, view.scale]));
  } catch {
    // A window without storage begins with the whole map.
  }
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

function begin() {
  const before = location.hash.startsWith("#map") ? kept() : null;
  readColours();
  view.resize();
  fit();
  if (before?.every(Number.isFinite)) {
    view.look(...before);
  }
  if (placing) {
    canvas.classList.add("map-placing");
    placing.addEventListener("input", draw);
  }
  new ResizeObserver(() => view.resize()).observe(canvas.parentElement);
  listen(view, { tapped, hovered, fit });
  canvas.dataset.dots = data.id.length;
  canvas.dataset.ready = "yes";
}

const buttons = {
  in: () => view.zoom(1.6),
  out: () => view.zoom(1 / 1.6),
  fit,
  close: () => show([]),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-map]");
  const row = event.target.closest("[data-map-show]");
  if (button) {
    buttons[button.dataset.map]();
  } else if (row) {
    const dot = data.id.indexOf(Number(row.dataset.mapShow));
    if (dot >= 0) {
      view.look(data.lon[dot], data.lat[dot]);
      show([{ dot }]);
    }
  }
});

const recolour = () => {
  readColours();
  draw();
};
new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
// Paper is light, whatever the screen is.
window.addEventListener("beforeprint", () => {
  const paper = made("div", "");
  paper.dataset.bsTheme = "light";
  document.body.append(paper);
  readColours(paper);
  paper.remove();
  paint();
});
window.addEventListener("afterprint", recolour);

begin();
