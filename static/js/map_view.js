// Where the map looks: an equirectangular projection, and the gestures that move it.
const SMALLEST = 2, LARGEST = 4e6, ONE_DOT = 2e4; // pixels a degree of latitude
const MARGIN = 36, SIDE = 72, TAP_PIXELS = 6; // the buttons stand at the side

export class View {
  constructor(canvas, changed) {
    Object.assign(this, { canvas, changed, lon: 0, lat: 0, scale: ONE_DOT, width: 1, height: 1, across: 1 });
  }

  resize() {
    const box = this.canvas.getBoundingClientRect();
    const dense = window.devicePixelRatio || 1;
    Object.assign(this, { width: Math.max(1, box.width), height: Math.max(1, box.height), dense });
    this.canvas.width = Math.round(this.width * dense);
    this.canvas.height = Math.round(this.height * dense);
    this.changed();
  }

  // A degree of longitude is shorter by the cosine of the latitude; one value for the whole map keeps lines straight.
  settle(lat) {
    this.across = Math.max(0.05, Math.cos((lat * Math.PI) / 180));
  }

  x(lon) {
    return (lon - this.lon) * this.across * this.scale + this.width / 2;
  }

  y(lat) {
    return (this.lat - lat) * this.scale + this.height / 2;
  }

  place(x, y) {
    const lon = this.lon + (x - this.width / 2) / (this.across * this.scale);
    const lat = this.lat - (y - this.height / 2) / this.scale;
    return [Math.min(180, Math.max(-180, lon)), Math.min(90, Math.max(-90, lat))];
  }

  fit(lons, lats) {
    if (!lons.length) {
      return;
    }
    const bounds = (values) => values.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [Infinity, -Infinity]);
    const [west, east] = bounds(lons);
    const [south, north] = bounds(lats);
    this.settle((south + north) / 2);
    const wide = (this.width - 2 * Math.min(SIDE, this.width / 8)) / ((east - west) * this.across);
    const high = (this.height - 2 * MARGIN) / (north - south);
    const scale = Math.min(wide, high);
    this.look((west + east) / 2, (south + north) / 2, Number.isFinite(scale) && scale > 0 ? scale : ONE_DOT);
  }

  look(lon, lat, scale = this.scale) {
    Object.assign(this, { lon, lat, scale: Math.min(LARGEST, Math.max(SMALLEST, scale)) });
    this.changed();
  }

  pan(dx, dy) {
    this.look(...this.place(this.width / 2 - dx, this.height / 2 - dy));
  }

  // The place under the pointer stays under it.
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const [lon, lat] = this.place(x, y);
    const scale = Math.min(LARGEST, Math.max(SMALLEST, this.scale * factor));
    this.look(lon - (x - this.width / 2) / (this.across * scale), lat + (y - this.height / 2) / scale, scale);
  }
}

// Wheel, drag, pinch and keys move the view; a tap or a hover is told on.
export function listen(view, { tapped, hovered, fit }) {
  const { canvas } = view;
  const down = new Map();
  let moved = 0;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    view.zoom(Math.exp(-pixels * 0.0015), ...at(event));
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button === 0) {
      canvas.setPointerCapture(event.pointerId);
      moved = down.size ? Infinity : 0;
      down.set(event.pointerId, at(event));
    }
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = at(event);
    const before = down.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== "touch") {
        hovered(x, y);
      }
      return;
    }
    moved += Math.hypot(x - before[0], y - before[1]);
    if (down.size === 1 && moved <= TAP_PIXELS) {
      return;
    }
    drag(view, down, event.pointerId, [x, y]);
  });
  const up = (event) => {
    const began = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (began && event.type === "pointerup" && moved <= TAP_PIXELS) {
      tapped(...at(event), event.pointerType === "touch");
    }
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => hovered(-1, -1));
  canvas.addEventListener("keydown", (event) => {
    const step = 60;
    const keys = {
      ArrowLeft: () => view.pan(step, 0),
      ArrowRight: () => view.pan(-step, 0),
      ArrowUp: () => view.pan(0, step),
      ArrowDown: () => view.pan(0, -step),
      "+": () => view.zoom(1.5),
      "=": () => view.zoom(1.5),
      "-": () => view.zoom(1 / 1.5),
      0: fit,
      Enter: () => tapped(view.width / 2, view.height / 2, true),
    };
    if (keys[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      keys[event.key]();
    }
  });
}

function drag(view, down, id, [x, y]) {
  const before = down.get(id);
  down.set(id, [x, y]);
  if (down.size === 1) {
    view.pan(x - before[0], y - before[1]);
    return;
  }
  const [ox, oy] = [...down].find(([other]) => other !== id)[1];
  const apart = Math.hypot(before[0] - ox, before[1] - oy);
  if (apart > 0) {
    view.zoom(Math.hypot(x - ox, y - oy) / apart, (before[0] + ox) / 2, (before[1] + oy) / 2);
    view.pan((x - before[0]) / 2, (y - before[1]) / 2);
  }
}
