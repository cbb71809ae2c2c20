// Draws a report as a picture, 1080 px wide, to be sent to a chat group, from the data beside it; copies text and
// picture where the browser lets pages do so. Without this script the text remains. All texts come from the server.
(() => {
  "use strict";

  const WIDTH = 1080;
  const EDGE = 56;
  const INK = "#182433";
  const SOFT = "#5b6b7f";
  const RULE = "#dce1e7";
  const BLUE = "#0b5cad";
  const PALE = "#eef4fb";
  const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Zen Hei", system-ui, sans-serif';
  const FIGURES_A_ROW = 2;
  const FIGURE_HEIGHT = 128;
  const ROW_HEIGHT = 74;

  const font = (size, weight = 400) => `${weight} ${size}px ${FONT}`;

  const fitted = (pen, text, width) => {
    if (pen.measureText(text).width <= width) return text;
    let end = text.length;
    while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
    return `${text.slice(0, end)}…`;
  };

  const broken = (pen, text, width) => {
    const lines = [];
    let line = "";
    for (const sign of text) {
      if (line && pen.measureText(line + sign).width > width) {
        lines.push(line);
        line = "";
      }
      line += sign;
    }
    return [...lines, line];
  };

  // The largest size, down to 26 px, at which a text is not cut.
  const sized = (pen, text, width, size, weight) => {
    for (let fits = size; fits > 26; fits -= 2) {
      pen.font = font(fits, weight);
      if (pen.measureText(text).width <= width) return fits;
    }
    return 26;
  };

  const write = (pen, text, x, y, { size = 30, weight = 400, colour = INK, align = "left", width = WIDTH } = {}) => {
    pen.font = font(size, weight);
    pen.fillStyle = colour;
    pen.textAlign = align;
    pen.fillText(fitted(pen, text, width), x, y);
  };

  const head = (pen, report) => {
    pen.fillStyle = BLUE;
    pen.fillRect(0, 0, WIDTH, 190);
    write(pen, report.title, EDGE, 78, { size: 52, weight: 700, colour: "#ffffff", width: WIDTH - 2 * EDGE });
    report.lines.forEach((line, at) => {
      write(pen, line, EDGE, 128 + 40 * at, { size: 28, colour: "#dbe8f6", width: WIDTH - 2 * EDGE });
    });
    return 190 + 28;
  };

  const figures = (pen, report, top) => {
    const width = (WIDTH - 2 * EDGE - 24) / FIGURES_A_ROW;
    report.figures.forEach(([label, value], at) => {
      const x = EDGE + (at % FIGURES_A_ROW) * (width + 24);
      const y = top + Math.floor(at / FIGURES_A_ROW) * (FIGURE_HEIGHT + 16);
      pen.fillStyle = PALE;
      pen.fillRect(x, y, width, FIGURE_HEIGHT);
      write(pen, label, x + 24, y + 44, { size: 26, colour: SOFT, width: width - 48 });
      const size = sized(pen, value, width - 48, 40, 700);
      write(pen, value, x + 24, y + 96, { size, weight: 700, width: width - 48 });
    });
    return top + Math.ceil(report.figures.length / FIGURES_A_ROW) * (FIGURE_HEIGHT + 16) + 24;
  };

  // The column of names takes what the others leave; numbers stand at the right.
  const columns = (report) => {
    const name = report.head.length === 5 ? 1 : 0;
    const widths = report.head.map((_, at) => (at === name ? 0 : at < name ? 80 : 200));
    widths[name] = WIDTH - 2 * EDGE - widths.reduce((sum, one) => sum + one, 0);
    let x = EDGE;
    return widths.map((width, at) => {
      const place = { x, width, right: at > name };
      x += width;
      return place;
    });
  };

  const table = (pen, report, top) => {
    if (!report.rows.length) return top;
    const places = columns(report);
    const row = (cells, y, looks) =>
      cells.forEach((text, at) => {
        const { x, width, right } = places[at];
        write(pen, text, right ? x + width : x, y, { ...looks, align: right ? "right" : "left", width: width - 12 });
      });
    row(report.head, top + 30, { size: 24, colour: SOFT });
    let y = top + 48;
    report.rows.forEach((cells, at) => {
      pen.fillStyle = RULE;
      pen.fillRect(EDGE, y, WIDTH - 2 * EDGE, 2);
      row(cells, y + 44, { size: 30, weight: at < 3 ? 700 : 400 });
      pen.fillStyle = PALE;
      pen.fillRect(EDGE, y + 58, WIDTH - 2 * EDGE, 8);
      pen.fillStyle = BLUE;
      pen.fillRect(EDGE, y + 58, ((WIDTH - 2 * EDGE) * Math.min(100, report.shares[at] || 0)) / 100, 8);
      y += ROW_HEIGHT;
    });
    return y + 8;
  };

  const notes = (pen, report, top) => {
    let y = top + 34;
    for (const note of report.notes) {
      pen.font = font(26);
      for (const line of broken(pen, note, WIDTH - 2 * EDGE)) {
        write(pen, line, EDGE, y, { size: 26, colour: SOFT });
        y += 38;
      }
    }
    return y;
  };

  const draw = (canvas, report) => {
    const parts = [(pen) => head(pen, report)];
    for (const part of [figures, table, notes]) {
      const before = parts.at(-1);
      parts.push((pen) => part(pen, report, before(pen)));
    }
    const whole = parts.at(-1);
    canvas.width = WIDTH;
    canvas.height = 10;
    const height = Math.ceil(whole(canvas.getContext("2d"))) + 24;
    canvas.height = height;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, WIDTH, height);
    whole(pen);
  };

  // --- Copying ---

  const said = document.querySelector("[data-report-said]");
  const say = (what) => {
    said.textContent = said.dataset[what];
  };

  const copyText = async (area) => {
    try {
      await navigator.clipboard.writeText(area.value);
      say("copied");
    } catch {
      area.focus();
      area.select();
      say(document.execCommand("copy") ? "copied" : "selected");
    }
  };

  const copyPicture = async (canvas) => {
    try {
      const blob = new Promise((done) => canvas.toBlob(done, "image/png"));
      await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
      say("copied");
    } catch {
      say("failed");
    }
  };

  const data = document.getElementById("report-data");
  if (!data) return;
  const canvas = document.querySelector(".report-canvas");
  const report = JSON.parse(data.textContent);
  draw(canvas, report);
  document.querySelector("[data-report-picture]").hidden = false;
  canvas.toBlob((blob) => {
    document.querySelector("[data-report-save]").href = URL.createObjectURL(blob);
  }, "image/png");

  const text = document.querySelector("[data-report-copy=text]");
  text.hidden = false;
  text.addEventListener("click", () => copyText(document.getElementById("report-text")));
  const picture = document.querySelector("[data-report-copy=picture]");
  picture.hidden = !(navigator.clipboard && navigator.clipboard.write && window.ClipboardItem);
  picture.addEventListener("click", () => copyPicture(canvas));
})();
