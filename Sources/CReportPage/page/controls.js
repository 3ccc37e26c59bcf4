// Filters, language, theme and print; and the first drawing.
byId("search").addEventListener("input", (event) => {
  filter.text = event.target.value;
  renderFiltered();
});
byId("user").addEventListener("change", (event) => {
  filter.user = event.target.value;
  renderFiltered();
});
byId("state").addEventListener("change", (event) => {
  filter.state = event.target.value;
  renderFiltered();
});
byId("clear").addEventListener("click", () => {
  Object.assign(filter, { text: "", user: "", state: "", fate: null, rule: null });
  for (const id of ["search", "user", "state"]) byId(id).value = "";
  renderFiltered();
  byId("search").focus();
});
byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  memory.set("language", language);
  renderWords();
});

// MARK: Theme

let theme = ["light", "dark"].includes(memory.get("theme")) ? memory.get("theme") : "auto";

function renderTheme() {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  byId("theme").textContent = t("theme_" + theme);
}

byId("theme").addEventListener("click", () => {
  theme = { auto: "dark", dark: "light", light: "auto" }[theme];
  memory.set("theme", theme);
  renderTheme();
  renderMap();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", renderMap);

// MARK: Print

// Paper does not scroll: the first rows of the list, as it is filtered and sorted, stand one below the other.
const MOST_PRINTED = 250;

function preparePrint() {
  document.documentElement.dataset.theme = "light";
  const table = make("table");
  const head = table.createTHead().insertRow();
  for (const key of COLUMNS) head.append(make("th", key, columnTitle(key)));
  const body = table.createTBody();
  for (const i of grid.shown.slice(0, MOST_PRINTED)) {
    const row = body.insertRow();
    const picture = svg("svg", { viewBox: "-1 -2 82 28", class: "spark" });
    picture.append(svg("path", { class: "line", d: curvePath(curveOf(i), 80, 24) }));
    const metric = make("td", "metric", runs.score[i] === "" ? "" : shortScore(runs.score[i]) + " ");
    metric.prepend(picture);
    if (isMixed) metric.append(make("span", "unit muted", metricOf(i)));
    row.append(make("td", "run", pathOf(i)), metric, make("td", "figure", size(runs.bytes[i])));
    row.append(make("td", "figure", freed(i) > 0 ? size(freed(i)) : "–"));
    row.append(make("td", "figure", ageText(i)));
    row.append(make("td", "fate", fateWord(fateOf(i))), make("td", "why", whyText(i)));
  }
  byId("printed").replaceChildren(table);
  sizeMap(true);
  const more = grid.shown.length - MOST_PRINTED;
  if (more > 0) byId("printed").append(make("p", "muted", t("printedMore", number(more))));
  renderMap();
}

addEventListener("beforeprint", preparePrint);
addEventListener("afterprint", () => {
  byId("printed").replaceChildren();
  sizeMap(false);
  renderTheme();
  renderMap();
});
byId("print").addEventListener("click", () => print());

// MARK: Sizes and keys of the window

let isResizing = false;
addEventListener("resize", () => {
  if (isResizing) return;
  isResizing = true;
  requestAnimationFrame(() => {
    isResizing = false;
    measureRows();
    renderRows();
    if (!map.isTable) redrawMap();
  });
});

addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    byId("search").focus();
  }
});

byId("app").hidden = false;
renderWords();
performance.mark("first-render");
