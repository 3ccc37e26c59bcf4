// The list of runs: only the rows that are seen exist, and they are used again for others as the list scrolls.
const grid = { shown: [], active: 0, rows: [], key: "frees", isUp: false, height: 44 };
const scroller = byId("scroll");
const space = byId("space");
const COLUMNS = ["run", "metric", "size", "frees", "age", "fate", "why"];
// Browsers have no taller boxes; above that the place in the list is scaled.
const TALLEST = 12e6;

const scores = Float64Array.from(runs.score, (text) => (text === "" ? NaN : Number(text)));

// Runs may be measured by several metrics, each policy's and layout's own: then each figure says by which.
const measures = new Set(runs.metric.filter((metric) => metric >= 0));
const isMixed = measures.size > 1;
const metricOf = (i) => (runs.metric[i] < 0 ? "" : metrics[runs.metric[i]].name);

function columnTitle(key) {
  return key === "metric" && measures.size === 1 ? metrics[[...measures][0]].name : t(key);
}

// Compares two runs by a column; missing figures stand last whichever way.
const ORDERS = {
  run: (a, b) => compareText(pathOf(a), pathOf(b)),
  metric: (a, b) => compareNumber(scores[a], scores[b]),
  size: (a, b) => runs.bytes[a] - runs.bytes[b],
  frees: (a, b) => freed(a) - freed(b) || runs.bytes[a] - runs.bytes[b],
  age: (a, b) => compareNumber(runs.age[a] < 0 ? NaN : runs.age[a], runs.age[b] < 0 ? NaN : runs.age[b]),
  fate: (a, b) => runs.fate[b] - runs.fate[a] || runs.bytes[a] - runs.bytes[b],
  why: (a, b) => compareText(whyText(a), whyText(b)),
};

function compareText(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function compareNumber(a, b) {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : grid.isUp ? 1 : -1;
  if (Number.isNaN(b)) return grid.isUp ? -1 : 1;
  return a - b;
}

function sortShown() {
  const order = ORDERS[grid.key];
  grid.shown.sort(grid.isUp ? (a, b) => order(a, b) || a - b : (a, b) => order(b, a) || a - b);
}

function renderColumns() {
  byId("columns").replaceChildren(
    ...COLUMNS.map((key) => {
      const cell = make("div", "cell " + key);
      cell.setAttribute("role", "columnheader");
      const isSorted = key === grid.key;
      cell.setAttribute("aria-sort", isSorted ? (grid.isUp ? "ascending" : "descending") : "none");
      const button = make("button", isSorted ? "sorted" : "", columnTitle(key));
      button.type = "button";
      button.append(make("span", "arrow", isSorted ? (grid.isUp ? "▲" : "▼") : ""));
      button.lastChild.setAttribute("aria-hidden", "true");
      button.addEventListener("click", () => sortBy(key));
      cell.append(button);
      return cell;
    }));
}

function sortBy(key) {
  if (grid.key === key) grid.isUp = !grid.isUp;
  else [grid.key, grid.isUp] = [key, key === "run" || key === "why"];
  sortShown();
  renderColumns();
  byId("columns").querySelectorAll("button")[COLUMNS.indexOf(key)].focus();
  scroller.scrollTop = 0;
  grid.active = 0;
  renderRows();
}

function showRows(shown) {
  grid.shown = shown;
  grid.active = 0;
  sortShown();
  byId("grid").setAttribute("aria-rowcount", String(shown.length + 1));
  byId("none").hidden = shown.length > 0;
  scroller.hidden = shown.length === 0;
  scroller.scrollTop = 0;
  measureRows();
  renderRows();
}

function measureRows() {
  grid.height = parseInt(getComputedStyle(byId("grid")).getPropertyValue("--row"), 10) || 44;
  const whole = grid.shown.length * grid.height;
  space.style.height = Math.min(whole, TALLEST) + "px";
  scroller.style.maxHeight = Math.min(whole, 14 * grid.height) + "px";
}

// Pixels of the list above the first one seen.
function offset() {
  const whole = grid.shown.length * grid.height;
  const view = scroller.clientHeight;
  if (whole <= TALLEST) return scroller.scrollTop;
  return (scroller.scrollTop / Math.max(1, TALLEST - view)) * (whole - view);
}

function newRow() {
  const row = make("div", "row");
  row.setAttribute("role", "row");
  const cells = {};
  for (const key of COLUMNS) {
    cells[key] = make("div", "cell " + key);
    cells[key].setAttribute("role", "gridcell");
    row.append(cells[key]);
  }
  cells.name = make("span", "name");
  cells.folder = make("span", "folder muted");
  cells.run.append(cells.name, cells.folder);
  cells.line = svg("path", { class: "line" });
  cells.end = svg("circle", { class: "end", r: "2" });
  const picture = svg("svg", { viewBox: "-1 -3 85 30", class: "spark", "aria-hidden": "true" });
  picture.append(cells.line, cells.end);
  cells.score = make("span", "score");
  cells.unit = make("span", "unit muted");
  const figure = make("span", "measured");
  figure.append(cells.score, cells.unit);
  cells.metric.append(picture, figure);
  cells.dot = make("span", "dot");
  cells.word = make("span", "word");
  cells.fate.append(cells.dot, cells.word);
  space.append(row);
  return { row, cells, run: -1 };
}

function fill(slot, index) {
  const i = grid.shown[index];
  const { row, cells } = slot;
  row.setAttribute("aria-rowindex", String(index + 2));
  row.setAttribute("aria-selected", String(index === grid.active));
  if (slot.run === i && slot.language === language) return;
  [slot.run, slot.language] = [i, language];
  row.id = "run-" + i;
  const fate = fateOf(i);
  cells.name.textContent = runs.name[i];
  cells.folder.textContent = data.folders[runs.folder[i]] || "";
  cells.run.title = pathOf(i);
  const points = curveOf(i);
  cells.line.setAttribute("d", curvePath(points, 80, 24));
  const last = points.length - 1;
  cells.end.setAttribute("cx", last < 0 || points[last] === null ? "-9" : last ? "80" : "40");
  cells.end.setAttribute("cy", last < 0 ? "-9" : ((1 - points[last]) * 24).toFixed(1));
  cells.score.textContent = runs.score[i] === "" ? "–" : shortScore(runs.score[i]);
  cells.unit.textContent = isMixed ? metricOf(i) : "";
  cells.metric.title = runs.metric[i] < 0 ? "" : metricOf(i) + " " + runs.score[i];
  cells.size.textContent = size(runs.bytes[i]);
  cells.frees.textContent = freed(i) > 0 ? size(freed(i)) : "–";
  cells.age.textContent = ageText(i);
  cells.dot.className = "dot fate-" + fate + (goes(fate) ? " striped" : "");
  cells.word.textContent = fateWord(fate);
  cells.why.textContent = whyText(i);
  cells.why.title = whyText(i);
}

// Six characters of a number: enough to compare by eye. The details show all of it.
// Six characters where they are enough; only what stands behind the point is ever left out.
function shortScore(text) {
  const parts = /^(-?\d+)(\.\d+)?(e.*)?$/i.exec(text);
  if (!parts) return text;
  const [, whole, behind = "", power = ""] = parts;
  return whole + behind.slice(0, Math.max(0, (power ? 4 : 6) - whole.length)).replace(/\.$/, "") + power;
}

function renderRows() {
  const top = offset();
  const first = Math.max(0, Math.floor(top / grid.height) - 3);
  const last = Math.min(grid.shown.length, Math.ceil((top + scroller.clientHeight) / grid.height) + 3);
  const need = Math.max(0, last - first);
  while (grid.rows.length < need) grid.rows.push(newRow());
  for (let k = 0; k < grid.rows.length; k += 1) {
    const slot = grid.rows[k];
    // The row of an index is always the same one, so that scrolling fills only those that come into sight.
    const index = first + ((((k - first) % grid.rows.length) + grid.rows.length) % grid.rows.length);
    slot.row.hidden = index >= last;
    if (index >= last) continue;
    fill(slot, index);
    slot.row.style.transform = "translateY(" + (scroller.scrollTop + index * grid.height - top) + "px)";
    slot.index = index;
  }
  const active = grid.shown[grid.active];
  if (active === undefined) scroller.removeAttribute("aria-activedescendant");
  else scroller.setAttribute("aria-activedescendant", "run-" + active);
}

let isAsked = false;
scroller.addEventListener("scroll", () => {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    renderRows();
  });
}, { passive: true });

function activate(index) {
  grid.active = Math.max(0, Math.min(grid.shown.length - 1, index));
  const view = scroller.clientHeight;
  const [top, at] = [offset(), grid.active * grid.height];
  const whole = grid.shown.length * grid.height;
  let wanted = top;
  if (at < top) wanted = at;
  else if (at + grid.height > top + view) wanted = at + grid.height - view;
  if (wanted !== top) {
    scroller.scrollTop = whole <= TALLEST ? wanted : (wanted / Math.max(1, whole - view)) * (TALLEST - view);
  }
  renderRows();
}

scroller.addEventListener("keydown", (event) => {
  const page = Math.max(1, Math.floor(scroller.clientHeight / grid.height) - 1);
  const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
  if (moves[event.key] !== undefined) {
    event.preventDefault();
    activate(grid.active + moves[event.key]);
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    if (grid.shown.length) openDetails(grid.shown[grid.active], scroller);
  }
});

space.addEventListener("click", (event) => {
  const slot = grid.rows.find((candidate) => candidate.row.contains(event.target));
  if (!slot) return;
  activate(slot.index);
  openDetails(slot.run, scroller);
});
