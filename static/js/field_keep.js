// Whose visits this browser keeps (see field.js), and that nobody else finds them. Every page loads this: signing out
// wipes them, so does another person's sign-in; at the sign-in page they are locked until it is known who came.
export const DATABASE = "gridops-field";
const MARK = "gridops.field";

/** {person, waiting, locked, wipe}: what has to be known at once, before the database is open. */
export function mark() {
  try {
    return JSON.parse(localStorage.getItem(MARK)) ?? {};
  } catch {
    return {};
  }
}

export function setMark(change) {
  try {
    localStorage.setItem(MARK, JSON.stringify({ ...mark(), ...change }));
  } catch {
    // A browser without storage keeps nothing that would have to be marked.
  }
}

/** Begun at once; should this page go before it is done, the next one does it. */
export function wipe() {
  setMark({ wipe: true });
  return new Promise((done) => {
    const ends = () => done();
    try {
      const request = indexedDB.deleteDatabase(DATABASE);
      request.onsuccess = () => {
        localStorage.removeItem(MARK);
        done();
      };
      request.onerror = ends;
    } catch {
      ends();
    }
  });
}

function guard() {
  const { person, wipe: unfinished, waiting } = mark();
  const here = document.body.dataset.person;
  const left = document.querySelector("[data-field-left]");
  if (!person) {
    return;
  }
  if (unfinished || (here && here !== person)) {
    wipe();
  } else if (here) {
    setMark({ locked: false });
  } else if (left) {
    setMark({ locked: true });
    left.hidden = !waiting;
    left.textContent = left.dataset.fieldLeft.replace("#", waiting);
  }
}

// Others may still stop it (work.js, gridops.js): asked first, wiped last.
window.addEventListener("submit", (event) => {
  const { waiting } = mark();
  if (event.target.matches("[data-sign-out]") && waiting
    && !window.confirm(event.target.dataset.fieldWaiting.replace("#", waiting))) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

window.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]") && !event.defaultPrevented && mark().person) {
    wipe();
  }
});

if (!document.querySelector("[data-field]")) {
  guard();
}
