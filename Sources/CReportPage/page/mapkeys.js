// Hands on the map: pointer, touch and keys.

// The part under a point: what lies one level below the place that is open, or the run itself with `deep`.
function partAt(event, deep) {
  const box = canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const hits = map.cells.filter(
    (cell) => x >= cell.x && x < cell.x + cell.width && y >= cell.y && y < cell.y + cell.height);
  if (!hits.length) return null;
  return (deep ? hits[hits.length - 1] : hits[0]).part;
}

canvas.addEventListener("pointermove", (event) => {
  const part = partAt(event, true);
  if (part !== map.hover) {
    map.hover = part;
    markMap();
    showTip(part);
  }
  const tip = byId("tip");
  const box = byId("map").getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  tip.style.left = Math.max(4, Math.min(x + 14, box.width - tip.offsetWidth - 4)) + "px";
  tip.style.top = (y + 22 + tip.offsetHeight > box.height ? y - tip.offsetHeight - 10 : y + 18) + "px";
});

canvas.addEventListener("pointerleave", () => {
  map.hover = null;
  byId("tip").hidden = true;
  markMap();
});

function showTip(part) {
  const tip = byId("tip");
  tip.hidden = !part;
  if (!part) return;
  const lines = [make("strong", "", part.run >= 0 ? pathOf(part.run) : placeName(part)), make("span", "", placeWords(part))];
  if (part.run >= 0) lines.push(make("span", "muted", whyText(part.run)));
  tip.replaceChildren(...lines);
}

canvas.addEventListener("click", (event) => {
  const outer = partAt(event, false);
  if (!outer) return;
  byId("tip").hidden = true;
  openPlace(outer);
});

canvas.addEventListener("focus", () => {
  map.focus = map.focus || map.here.parts[0];
  markMap();
  if (map.focus) tell(map.focus);
});
canvas.addEventListener("blur", markMap);

// The neighbour in a direction: the nearest cell of this level whose middle lies there.
function neighbour(part, across, down) {
  const cells = map.cells.filter((cell) => cell.part.parent === map.here);
  const own = cells.find((cell) => cell.part === part);
  if (!own) return cells.length ? cells[0].part : null;
  const middle = (cell) => [cell.x + cell.width / 2, cell.y + cell.height / 2];
  const [x, y] = middle(own);
  let [best, nearest] = [null, Infinity];
  for (const cell of cells) {
    const [otherX, otherY] = middle(cell);
    const ahead = (otherX - x) * across + (otherY - y) * down;
    if (cell === own || ahead <= 0.5) continue;
    const aside = Math.abs((otherX - x) * down) + Math.abs((otherY - y) * across);
    const distance = ahead + 2 * aside;
    if (distance < nearest) [best, nearest] = [cell.part, distance];
  }
  return best;
}

canvas.addEventListener("keydown", (event) => {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const parts = map.here.parts;
  let next = null;
  if (moves[event.key]) next = neighbour(map.focus, ...moves[event.key]) || map.focus;
  else if (event.key === "Home") next = parts[0];
  else if (event.key === "End") next = parts[parts.length - 1];
  else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    if (map.focus) openPlace(map.focus);
    return;
  } else if (event.key === "Backspace" || event.key === "Escape") {
    if (!map.here.parent) return;
    event.preventDefault();
    const from = map.here;
    openPlace(from.parent);
    map.focus = from;
    markMap();
    tell(from);
    return;
  }
  if (!next) return;
  event.preventDefault();
  map.focus = next;
  markMap();
  tell(next);
});

byId("as-map").addEventListener("click", () => {
  map.isTable = false;
  renderMap();
});
byId("as-table").addEventListener("click", () => {
  map.isTable = true;
  renderMap();
});
