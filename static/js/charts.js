// Draws every chart of the page (templates/common/_chart.html) with ECharts from the data beside it.
// Without this script the page shows the tables alone. All texts come from the server.
(() => {
  "use strict";

  const SYMBOLS = ["circle", "triangle", "diamond", "rect"];
  const DASHES = ["solid", [8, 3], [3, 3], [10, 3, 3, 3]];
  const NARROW = 480;
  // px: what lies between the margins of an A4 sheet, and half of it; paper has the drawings without their tables
  const PAPER = { scatter: { width: 690, height: 260 }, line: { width: 315, height: 140 }, bar: { width: 315, height: 140 } };
  const drawn = [];

  // --- Looks ---

  const look = () => {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(`--chart-${name}`).trim();
    return {
      colours: ["1", "2", "3", "4"].map(read),
      text: read("text"),
      grid: read("grid"),
      surface: read("surface"),
      font: getComputedStyle(document.body).fontFamily,
    };
  };

  const written = (value, column) => {
    if (value === null || value === undefined || value === "") return "—";
    if (column.decimals === null) return String(value);
    const digits = { minimumFractionDigits: column.decimals, maximumFractionDigits: column.decimals };
    const text = value.toLocaleString(document.documentElement.lang || undefined, digits);
    return column.unit ? `${text} ${column.unit}` : text;
  };

  const axis = (colours, more) => ({
    axisLine: { lineStyle: { color: colours.grid } },
    axisTick: { show: false },
    axisLabel: { color: colours.text, hideOverlap: true },
    splitLine: { lineStyle: { color: colours.grid } },
    nameTextStyle: { color: colours.text },
    ...more,
  });

  const marks = (data, colours, narrow) => ({
    silent: true,
    symbol: "none",
    animation: false,
    lineStyle: { type: "dashed", color: colours.text, width: 1.5 },
    data: data.lines.map((line) => ({
      [line.axis === "x" ? "xAxis" : "yAxis"]: line.value,
      label: {
        formatter: line.title,
        color: colours.text,
        position: line.axis === "x" ? "end" : "insideEndTop",
        fontSize: narrow ? 10 : 12,
      },
    })),
  });

  const common = (colours) => ({
    animation: false,
    textStyle: { fontFamily: colours.font, color: colours.text },
    color: colours.colours,
  });

  const tooltip = (colours, more) => ({
    renderMode: "richText", // an HTML tooltip would need inline styles
    confine: true,
    backgroundColor: colours.surface,
    borderColor: colours.grid,
    textStyle: { color: colours.text, fontSize: 12 },
    ...more,
  });

  const legend = (colours, more) => ({
    type: "scroll",
    bottom: 0,
    textStyle: { color: colours.text },
    pageTextStyle: { color: colours.text },
    pageIconColor: colours.text,
    itemWidth: 22,
    ...more,
  });

  // --- Lines and bars over months ---

  // A month that is not whole: a hollow bar, or a hollow dot that the line does not lead to.
  const hollow = (one, index, column, colour, colours, partial) => ({
    name: column.full,
    type: "line",
    data: one.values.map((value, at) => (partial.has(at) ? value : null)),
    symbol: SYMBOLS[index % 4],
    symbolSize: 9,
    showAllSymbol: true,
    itemStyle: { color: colours.surface, borderColor: colour, borderWidth: 2 },
    lineStyle: { width: 0 },
    z: 4,
  });

  const overTime = (data, colours, narrow) => {
    const partial = new Set(data.partial);
    const isApart = (one) => partial.size > 0 && !one.target && one.kind === "line";
    const bar = (value, at, colour) =>
      partial.has(at)
        ? { value, itemStyle: { color: colours.surface, borderColor: colour, borderWidth: 1.5, borderType: "dashed" } }
        : value;
    const series = data.series.map((one, index) => {
      const column = data.columns[one.column];
      const colour = one.target ? colours.text : colours.colours[index % 4];
      // The target of a rate is weighed by those that reported: of a month that is not whole it is another's.
      const values = isApart(one) || (one.target && data.kind === "line")
        ? one.values.map((value, at) => (partial.has(at) ? null : value))
        : one.values.map((value, at) => (one.kind === "bar" ? bar(value, at, colour) : value));
      return {
        name: column.full,
        type: one.target ? "line" : one.kind,
        data: values,
        connectNulls: false,
        symbol: one.target ? "none" : SYMBOLS[index % 4],
        symbolSize: 6,
        barMaxWidth: 22,
        itemStyle: { color: colour },
        lineStyle: { color: colour, width: 2, type: one.target ? "dashed" : DASHES[index % 4] },
        markLine: index === 0 && data.lines.length ? marks(data, colours, narrow) : undefined,
        z: one.target ? 5 : 2,
      };
    });
    data.series.forEach((one, index) => {
      if (!isApart(one)) return;
      series.push(hollow(one, index, data.columns[one.column], colours.colours[index % 4], colours, partial));
    });
    const span = data.series.flatMap((one) => one.values).filter((value) => value !== null);
    const fromZero = data.series.some((one) => one.kind === "bar") || Math.min(...span) < 0;
    return {
      ...common(colours),
      grid: { left: 8, right: 14, top: 14, bottom: data.series.length > 1 ? 34 : 8, containLabel: true },
      legend: data.series.length > 1 ? legend(colours) : undefined,
      xAxis: axis(colours, { type: "category", data: data.categories, splitLine: { show: false } }),
      yAxis: axis(colours, { type: "value", scale: !fromZero, splitNumber: narrow ? 4 : 5 }),
      tooltip: tooltip(colours, {
        trigger: "axis",
        formatter: (points) =>
          [
            points[0].axisValueLabel,
            ...data.series.map((one) => {
              const column = data.columns[one.column];
              return `${column.title}: ${written(one.values[points[0].dataIndex], column)}`;
            }),
          ].join("\n"),
      }),
      series,
    };
  };

  // --- A dot for each row ---

  const dots = (data, colours, narrow) => {
    const sizes = data.size === null ? [] : data.points.map((point) => point[data.size] || 0);
    const most = sizes.reduce((a, b) => Math.max(a, b), 1);
    const many = data.points.length > 1000;
    // What runs from 0 to 100 is drawn there: one figure gone astray squeezes no others; the table has it as it is.
    const isPercent = (index) => data.columns[index].unit === "%";
    const at = (point, index) => (isPercent(index) ? Math.min(100, Math.max(0, point[index])) : point[index]);
    const bounds = (index) => (isPercent(index) ? { min: 0, max: 100 } : { scale: true });
    const [small, large] = many ? [3, 14] : narrow ? [6, 20] : [7, 26];
    const diameter = (index) => (sizes.length ? small + (large - small) * Math.sqrt(sizes[index] / most) : small + 3);
    const series = data.groups.map((name, group) => ({
      name,
      type: "scatter",
      symbol: SYMBOLS[group % 4],
      symbolSize: (_value, item) => diameter(item.data.row),
      itemStyle: { color: colours.colours[group % 4], opacity: many ? 0.55 : 0.75, borderColor: colours.surface, borderWidth: many ? 0 : 0.5 },
      progressive: 2000,
      data: data.points.flatMap((point, row) =>
        data.groupOf[row] === group ? [{ value: [at(point, data.x), at(point, data.y)], row }] : [],
      ),
    }));
    if (series.length && data.lines.length) series[0].markLine = marks(data, colours, narrow);
    return {
      ...common(colours),
      grid: { left: 12, right: 18, top: 30, bottom: narrow ? 76 : 64, containLabel: true },
      legend: legend(colours, { itemWidth: 14 }),
      xAxis: axis(colours, {
        type: "value",
        ...bounds(data.x),
        name: data.columns[data.x].full,
        nameLocation: "middle",
        nameGap: 26,
      }),
      yAxis: axis(colours, {
        type: "value",
        ...bounds(data.y),
        name: data.columns[data.y].full,
        nameTextStyle: { align: "left", color: colours.text },
      }),
      tooltip: tooltip(colours, {
        trigger: "item",
        formatter: (item) => {
          const point = data.points[item.data.row];
          const rest = data.columns.flatMap((column, index) =>
            index === data.label ? [] : [`${column.title}: ${written(point[index], column)}`],
          );
          return [point[data.label], ...rest].join("\n");
        },
      }),
      series,
    };
  };

  const option = (data, narrow) => (data.kind === "scatter" ? dots : overTime)(data, look(), narrow);

  // --- The page ---

  const redraw = (one, size = { width: "auto", height: "auto" }) => {
    one.chart.resize(size);
    one.chart.setOption(option(one.data, one.chart.getWidth() < NARROW), true);
  };

  const draw = (section) => {
    const canvas = section.querySelector("[data-canvas]");
    const source = section.querySelector('script[type="application/json"]');
    if (!canvas || !source) return;
    const data = JSON.parse(source.textContent);
    section.classList.add("is-drawn");
    section.querySelector("[data-chart-table]").open = false;
    // Twice the screen's points at least: paper shows them.
    const chart = echarts.init(canvas, null, { renderer: "canvas", devicePixelRatio: Math.max(2, devicePixelRatio) });
    chart.setOption(option(data, chart.getWidth() < NARROW));
    if (data.link) {
      chart.on("click", (item) => {
        const key = item.data && data.keys[item.data.row];
        if (key) location.assign(data.link.replace("/0/", `/${key}/`));
      });
    }
    const one = { chart, data, section, width: canvas.clientWidth };
    drawn.push(one);
    new ResizeObserver(() => {
      if (printing || canvas.clientWidth === one.width || !canvas.clientWidth) return;
      one.width = canvas.clientWidth;
      redraw(one);
    }).observe(canvas);
  };

  let printing = false;
  const root = document.documentElement;
  const toPaper = () => {
    if (printing) return;
    printing = true;
    root.dataset.screenTheme = root.getAttribute("data-bs-theme") || "light";
    root.setAttribute("data-bs-theme", "light");
    for (const one of drawn) {
      redraw(one, PAPER[one.data.kind]);
    }
  };
  const toScreen = () => {
    if (!printing) return;
    root.setAttribute("data-bs-theme", root.dataset.screenTheme);
    for (const one of drawn) redraw(one);
    printing = false;
  };

  const start = () => {
    if (!window.echarts) return;
    document.querySelectorAll("[data-chart]").forEach(draw);
    addEventListener("beforeprint", toPaper);
    addEventListener("afterprint", toScreen);
    matchMedia("print").addEventListener("change", (event) => (event.matches ? toPaper() : toScreen()));
    new MutationObserver(() => !printing && drawn.forEach((one) => redraw(one))).observe(root, {
      attributeFilter: ["data-bs-theme"],
    });
  };
  start();
})();
