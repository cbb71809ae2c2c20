// Input against output, reckoned as it is typed: the same arithmetic as the server's, in whole numbers of the smallest part.
const form = document.querySelector("[data-weighing]");
const setup = JSON.parse(document.getElementById("weighing-setup").textContent);
const nothing = form.dataset.nothing;
const NEW = "new_install";
const INPUTS = ["wages", "rent", "rebates", "promotions", "spent"];
const MONEY = ["people", "wage", "rent", "rebates", "promotions", "spent", "taken_back", "income"];
const caseCount = Number(form.elements.cases.value);

/** What was typed in hundredths, or as a whole number; null when it can't be read. */
function read(text, whole = false) {
  const plain = text.normalize("NFKC").replace(/[\s,]/g, "");
  if (!plain) {
    return 0n;
  }
  const found = /^(\d{1,9})(?:\.(\d{0,2})0*)?$/.exec(plain);
  if (!found || (whole && Number(found[2] ?? 0))) {
    return null;
  }
  return whole ? BigInt(found[1]) : BigInt(found[1]) * 100n + BigInt((found[2] ?? "").padEnd(2, "0"));
}

/** a ÷ b to the nearest whole number, halves away from zero. */
function rounded(a, b) {
  const size = a < 0n ? -a : a;
  const whole = (2n * size + b) / (2n * b);
  return a < 0n ? -whole : whole;
}

function grouped(whole) {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Hundredths as people read them. */
function shown(value, plus = "") {
  const size = value < 0n ? -value : value;
  return `${value < 0n ? "-" : value > 0n ? plus : ""}${grouped(size / 100n)}.${String(size % 100n).padStart(2, "0")}`;
}

/** The figures of a case as typed; null when one of them can't be read. */
function figuresOf(at) {
  const field = (name) => form.elements[`c${at}-${name}`].value;
  const figures = Object.fromEntries(MONEY.map((name) => [name, read(field(name))]));
  setup.lines.forEach((_kind, line) => {
    figures[`count:${line}`] = read(field(`count-${line}`), true);
    figures[`rate:${line}`] = read(field(`rate-${line}`));
  });
  return figures;
}

function breakEven(figures, missing) {
  if (missing <= 0n) {
    return 0n;
  }
  const own = setup.lines.map((kind, line) => [kind, figures[`count:${line}`], figures[`rate:${line}`]]).filter(([kind]) => kind === NEW);
  let number = own.reduce((sum, [, count]) => sum + count, 0n);
  let brought = own.reduce((sum, [, count, rate]) => sum + count * rate, 0n);
  if (brought <= 0n) {
    const rates = own.map(([, , rate]) => rate).filter((rate) => rate > 0n);
    number = BigInt(rates.length);
    brought = rates.reduce((sum, rate) => sum + rate, 0n);
  }
  return brought > 0n ? (missing * number + brought - 1n) / brought : null;
}

/** What figures come to; null when one of them is not known. */
function weigh(figures) {
  if (Object.values(figures).includes(null)) {
    return null;
  }
  const inputs = { ...figures, wages: rounded(figures.people * figures.wage, 100n) };
  const amounts = setup.lines.map((_kind, line) => figures[`count:${line}`] * figures[`rate:${line}`]);
  const brought = amounts.reduce((sum, amount, line) => (setup.lines[line] === NEW ? sum + amount : sum), 0n);
  const cost = INPUTS.reduce((sum, name) => sum + inputs[name], 0n);
  const output = amounts.reduce((sum, amount) => sum + amount, 0n) - figures.taken_back + figures.income;
  const heaviest = INPUTS.reduce((most, name) => (inputs[name] > inputs[most] ? name : most), INPUTS[0]);
  return { amounts, wages: inputs.wages, cost, output, margin: output - cost, even: breakEven(figures, cost - output + brought), heaviest, most: inputs[heaviest] };
}

function told(found, name) {
  if (name === "per_yuan") {
    return found.cost > 0n ? shown(rounded(found.output * 100n, found.cost)) : nothing;
  }
  if (name === "break_even") {
    return found.even === null ? nothing : grouped(found.even);
  }
  if (name === "heaviest") {
    const share = found.cost > 0n ? rounded(1000n * found.most, found.cost) : null;
    return share === null ? nothing : `${setup.inputs[found.heaviest]} ${share / 10n}.${share % 10n} %`;
  }
  return shown(found[name]);
}

function write(element, text, low = false) {
  element.textContent = text;
  element.classList.toggle("is-low", low);
}

function drawCases() {
  const results = Array.from({ length: caseCount }, (_none, at) => weigh(figuresOf(at)));
  form.querySelectorAll("[data-result]").forEach((element) => {
    const [place, name, line] = element.dataset.result.split(":");
    const at = Number(place.slice(1));
    const found = results[at];
    if (!found) {
      write(element, nothing);
    } else if (name === "amount") {
      write(element, shown(found.amounts[Number(line)]));
    } else if (name === "against_first") {
      const gap = at && results[0] ? found.margin - results[0].margin : null;
      write(element, gap === null ? nothing : shown(gap, "+"), gap < 0n);
    } else {
      write(element, told(found, name), name === "margin" && found.margin < 0n);
    }
  });
}

function drawWhatIf() {
  const figures = figuresOf(Number(form.elements.what_case?.value ?? 0));
  const [what, text] = [form.elements.what.value, form.elements.what_value.value];
  const now = weigh(figures);
  const then = text.trim() ? weigh({ ...figures, [what]: read(text, what.startsWith("count")) }) : null;
  form.querySelectorAll("[data-what-now]").forEach((element) => write(element, now ? told(now, element.dataset.whatNow) : nothing));
  form.querySelectorAll("[data-what-then]").forEach((element) => write(element, now && then ? told(then, element.dataset.whatThen) : nothing));
}

let dirty = "dirty" in form.dataset;
form.querySelectorAll("[data-without-script]").forEach((button) => (button.hidden = true));
form.addEventListener("input", (event) => {
  dirty = dirty || !event.target.name.startsWith("what");
  drawCases();
  drawWhatIf();
});
form.addEventListener("submit", () => (dirty = false));
addEventListener("beforeunload", (event) => dirty && event.preventDefault());
