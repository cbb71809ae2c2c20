// A ledger's page: on a wide screen the cards that the server wrote give way to a grid. A phone never loads it.
const screen_ = document.getElementById("ledger-screen");
const wide = matchMedia("(min-width: 768px)");

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error(address));
    document.head.append(script);
  });
}

async function start() {
  if (!wide.matches || screen_.dataset.started) {
    return;
  }
  screen_.dataset.started = "yes";
  document.documentElement.classList.add("ledger-wide");
  try {
    const setup = JSON.parse(document.getElementById("ledger-setup").textContent);
    const rows = fetch(setup.urls.rows, { headers: { Accept: "application/json" } }).then((answer) => {
      if (!answer.ok) {
        throw new Error(`${answer.status}`);
      }
      return answer.json();
    });
    rows.catch(() => {}); // told below, when it is waited for
    const [page] = await Promise.all([import("./ledger_page.js"), load(screen_.dataset.tabulator)]);
    const found = (await rows).rows;
    if (found.length) {
      page.open(screen_, setup, found);
    } else {
      document.documentElement.classList.add("ledger-plain"); // the list says why it is empty, and what to do
    }
  } catch (error) {
    // Without the grid the cards do the same work.
    document.documentElement.classList.add("ledger-plain");
    document.getElementById("ledger-failed").hidden = false;
    screen_.hidden = true;
    console.warn(error);
  }
}

if (screen_) {
  wide.addEventListener("change", start);
  start();
}
