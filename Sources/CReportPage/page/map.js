// The map of the bytes: a canvas for the eye, keys for the hand, words for the ear; and the same figures as a table.
const map = { top: null, here: null, focus: null, cells: [], hover: null, isTable: false, isOnPaper: false };
const canvas = byId("canvas");
const pen = canvas.getContext("2d");

function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

// Colours are read once a drawing; stripes lie over what goes, so that colour says nothing alone.
function palette() {
  const colors = {};
  for (const fate of fates) colors[fate] = ink("fate-" + fate);
  const tile = document.createElement("canvas");
  tile.width = tile.height = 7;
  const stripes = tile.getContext("2d");
  stripes.strokeStyle = ink("stripe");
  stripes.lineWidth = 1.2;
  stripes.beginPath();
  for (const offset of [-7, 0, 7]) {
    stripes.moveTo(offset, 7);
    stripes.lineTo(offset + 7, 0);
  }
  stripes.stroke();
  return {
    colors, stripes: pen.createPattern(tile, "repeat"), frame: ink("frame"), text: ink("ink"), line: ink("card"),
    cellText: ink("cell-ink"), muted: ink("muted"), focus: ink("accent"), family: getComputedStyle(document.body).fontFamily,
  };
}

const pixelRatio = () => (map.isOnPaper ? 2 : Math.min(window.devicePixelRatio || 1, 2));

// On paper the map has these proportions, whatever the window's, and is shrunk to the width of the page.
function sizeMap(isOnPaper) {
  map.isOnPaper = isOnPaper;
  Object.assign(byId("map").style, isOnPaper ? { width: "960px", height: "370px" } : { width: "", height: "" });
}

function drawMap() {
  const box = byId("map").getBoundingClientRect();
  if (map.isTable || !map.here || box.width < 20) return;
  const ratio = pixelRatio();
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round(box.height * ratio);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, box.width, box.height);
  pen.textBaseline = "middle";
  const paint = palette();
  map.cells = [];
  if (map.here.run >= 0) drawPart(map.here, 0, 0, box.width, box.height, paint);
  else drawParts(map.here, 0, 0, box.width, box.height, paint);
  drawFocus(paint);
  describeMap();
}

function drawParts(parent, x, y, width, height, paint) {
  squarify(parent.parts, x, y, width, height, (part, left, top, wide, high) => {
    if (wide < 0.7 || high < 0.7) return;
    drawPart(part, left, top, wide, high, paint);
  });
}

function drawPart(part, x, y, width, height, paint) {
  map.cells.push({ part, x, y, width, height });
  const gap = part.run >= 0 ? (width > 6 && height > 6 ? 0.5 : 0.15) : 1;
  const [left, top, wide, high] = [x + gap, y + gap, width - 2 * gap, height - 2 * gap];
  if (wide <= 0 || high <= 0) return;
  if (part.run < 0) {
    pen.fillStyle = paint.frame;
    pen.fillRect(left, top, wide, high);
    const header = wide > 54 && high > 40 ? 20 : 0;
    if (header) {
      const name = placeName(part);
      label(name, left + 6, top + 10, wide - 12, paint.text, "600", paint);
      const used = pen.measureText(name).width;
      if (wide - used > 90) label(size(part.bytes), left + 12 + used, top + 10, wide - used - 16, paint.muted, "400", paint);
    }
    const inset = wide > 20 && high > 20 ? 2 : 0;
    drawParts(part, left + inset, top + header, wide - 2 * inset, high - header - inset, paint);
    return;
  }
  const fate = fateOf(part.run);
  pen.fillStyle = paint.colors[fate];
  pen.fillRect(left, top, wide, high);
  // Stripes over as much of it as goes, from the end of the longer side.
  const share = part.bytes > 0 ? goingBytes(part.run) / part.bytes : 0;
  if (share > 0 && wide > 3 && high > 3) {
    pen.fillStyle = paint.stripes;
    if (wide >= high) pen.fillRect(left + wide * (1 - share), top, wide * share, high);
    else pen.fillRect(left, top + high * (1 - share), wide, high * share);
  }
  if (wide > 44 && high > 17) {
    label(part.name, left + 5, top + Math.min(10, high / 2), wide - 10, paint.cellText, "500", paint);
    pen.font = "400 12px " + paint.family;
    if (high > 34 && pen.measureText(size(part.bytes)).width <= wide - 10) {
      label(size(part.bytes), left + 5, top + 25, wide - 10, paint.cellText, "400", paint);
    }
  }
}

// One line of text, cut where the room ends.
function label(text, x, y, room, color, weight, paint) {
  pen.font = weight + " 12px " + paint.family;
  pen.fillStyle = color;
  if (pen.measureText(text).width > room) {
    let cut = Math.max(1, Math.floor((text.length * room) / pen.measureText(text).width) - 1);
    while (cut > 1 && pen.measureText(text.slice(0, cut) + "…").width > room) cut -= 1;
    text = cut > 1 ? text.slice(0, cut) + "…" : "";
  }
  pen.fillText(text, x, y);
}

function drawFocus(paint) {
  const wanted = document.activeElement === canvas ? map.focus : map.hover;
  const cell = map.cells.find((candidate) => candidate.part === wanted);
  if (!cell) return;
  pen.strokeStyle = paint.focus;
  pen.lineWidth = 2.5;
  pen.strokeRect(cell.x + 1.5, cell.y + 1.5, cell.width - 3, cell.height - 3);
}

// Only the frame moves with pointer and keys: the drawing below it is kept.
let kept = null;
function markMap() {
  if (!kept) return;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.drawImage(kept, 0, 0);
  const ratio = pixelRatio();
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawFocus({ focus: ink("accent") });
}

function redrawMap() {
  const [focus, hover] = [map.focus, map.hover];
  map.focus = map.hover = null;
  drawMap();
  kept = document.createElement("canvas");
  [kept.width, kept.height] = [canvas.width, canvas.height];
  if (canvas.width > 0 && canvas.height > 0) kept.getContext("2d").drawImage(canvas, 0, 0);
  [map.focus, map.hover] = [focus, hover];
  markMap();
}

const percent = (part, whole) => (whole > 0 ? ((100 * part) / whole).toFixed(part / whole < 0.1 ? 1 : 0) + "%" : "");

function describeMap() {
  const parts = map.here.parts.slice(0, 5).map((part) => placeName(part) + " " + size(part.bytes));
  canvas.setAttribute(
    "aria-label", t("mapLabel", placeName(map.here), parts.join(t("comma")), number(map.here.parts.length)));
}

// The words for a part: name, size, share, what goes.
function placeWords(part) {
  const words = [placeName(part), size(part.bytes), percent(part.bytes, map.top.bytes)];
  if (part.run >= 0) words.push(fateWord(fateOf(part.run)));
  else words.push(runsText(part.count));
  if (part.freed > 0 && (part.run < 0 || fateOf(part.run) === "thin")) words.push(t("frees") + " " + size(part.freed));
  return words.filter(Boolean).join(" · ");
}

function tell(part) {
  byId("told").textContent = placeWords(part) + (part.run >= 0 ? " · " + whyText(part.run) : "");
}

function openPlace(part) {
  if (part.run >= 0) {
    openDetails(part.run);
    return;
  }
  map.here = part;
  map.focus = part.parts[0] || null;
  map.hover = null;
  renderMap();
  byId("told").textContent = placeWords(part);
}

function showMap(shown) {
  const old = map.here;
  map.top = placesOf(shown);
  map.here = old ? samePlace(map.top, old) : map.top;
  if (map.here.run >= 0) map.here = map.here.parent;
  map.focus = map.here.parts[0] || null;
  map.hover = null;
  renderMap();
}

function renderMap() {
  renderCrumbs();
  byId("map").hidden = byId("map-help").hidden = map.isTable;
  byId("places").hidden = !map.isTable;
  byId("as-map").setAttribute("aria-pressed", String(!map.isTable));
  byId("as-table").setAttribute("aria-pressed", String(map.isTable));
  if (map.isTable) renderPlaces();
  else redrawMap();
}

function renderCrumbs() {
  const steps = placePath(map.here);
  byId("crumbs").setAttribute("aria-label", t("place"));
  byId("crumbs").replaceChildren(
    ...steps.flatMap((step, index) => {
      const isLast = index === steps.length - 1;
      const button = make("button", "crumb", placeName(step));
      button.type = "button";
      if (isLast) button.setAttribute("aria-current", "location");
      else button.addEventListener("click", () => openPlace(step));
      return index ? [make("span", "muted", "/"), button] : [button];
    }),
    make("span", "muted", size(map.here.bytes)));
}

// The same as a table; long lists are cut, because the list of runs has them all.
function renderPlaces() {
  const most = 200;
  const table = make("table");
  const head = table.createTHead().insertRow();
  for (const key of ["place", "bytes", "share", "frees", "runsCount"]) {
    const cell = make("th", key === "place" ? "" : "figure", t(key));
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const part of map.here.parts.slice(0, most)) {
    const row = body.insertRow();
    const name = make("th");
    name.scope = "row";
    const button = make("button", "crumb", placeName(part));
    button.type = "button";
    button.addEventListener("click", () => openPlace(part));
    name.append(button);
    row.append(name);
    const fate = part.run >= 0 ? fateWord(fateOf(part.run)) : number(part.count);
    const cells = [size(part.bytes), percent(part.bytes, map.top.bytes), part.freed > 0 ? size(part.freed) : "–", fate];
    for (const text of cells) row.append(make("td", "figure", text));
  }
  byId("places").replaceChildren(table);
  const more = map.here.parts.length - most;
  if (more > 0) byId("places").append(make("p", "muted", t("mapMore", number(more))));
}
