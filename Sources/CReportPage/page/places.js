// Where the bytes are: users, their projects, and the runs in them. Made from the runs that the filters leave.

// A part of the whole: `runs` are places of runs, `parts` the parts below, largest first. A run is a part of its own.
function place(name, parent) {
  return { name, parent, bytes: 0, count: 0, freed: 0, parts: [], run: -1, byName: new Map() };
}

function below(parent, key, name) {
  let found = parent.byName.get(key);
  if (!found) {
    found = place(name, parent);
    parent.byName.set(key, found);
    parent.parts.push(found);
  }
  return found;
}

function placesOf(shown) {
  const top = place(null, null);
  for (const i of shown) {
    const user = below(top, runs.user[i], users[runs.user[i]]);
    const project = below(user, runs.project[i], projects[runs.project[i]]);
    const leaf = { name: runs.name[i], parent: project, bytes: runs.bytes[i], count: 1, freed: freed(i), parts: [], run: i };
    project.parts.push(leaf);
    for (let up = project; up; up = up.parent) {
      up.bytes += leaf.bytes;
      up.count += 1;
      up.freed += leaf.freed;
    }
  }
  settle(top, 0);
  return top;
}

// Largest first. A user whose runs all lie in one project has them without a level between.
function settle(part, depth) {
  part.depth = depth;
  if (part.run >= 0) return;
  if (depth === 1 && part.parts.length === 1) {
    const only = part.parts[0];
    part.parts = only.parts;
    for (const leaf of part.parts) leaf.parent = part;
  }
  part.parts.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  for (const child of part.parts) settle(child, depth + 1);
}

function placeName(part) {
  if (!part.parent) return t("all");
  if (part.name) return part.name;
  return part.depth === 1 ? t("noUser") : t("noProject");
}

// `All / alice / det`
function placePath(part) {
  const names = [];
  for (let up = part; up; up = up.parent) names.unshift(up);
  return names;
}

// The same place in a new tree, or the nearest one above it that is still there.
function samePlace(top, old) {
  let here = top;
  for (const step of placePath(old).slice(1)) {
    const next = here.parts.find((part) => part.name === step.name && (part.run < 0) === (step.run < 0));
    if (!next) break;
    here = next;
  }
  return here;
}

// Squarified: rows along the shorter side, each as square as it can be. Calls `put(part, x, y, width, height)`.
function squarify(parts, x, y, width, height, put) {
  const total = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (!(total > 0) || width <= 0 || height <= 0) return;
  const scale = (width * height) / total;
  let start = 0;
  while (start < parts.length && parts[start].bytes > 0) {
    const side = Math.min(width, height);
    let [end, sum, worst] = [start, 0, Infinity];
    while (end < parts.length) {
      const next = sum + parts[end].bytes * scale;
      const [largest, smallest] = [parts[start].bytes * scale, parts[end].bytes * scale];
      const ratio = Math.max((side * side * largest) / (next * next), (next * next) / (side * side * smallest));
      if (ratio > worst) break;
      [sum, worst] = [next, ratio];
      end += 1;
    }
    const depth = sum / side;
    let offset = 0;
    for (let k = start; k < end; k += 1) {
      const length = (parts[k].bytes * scale) / depth;
      if (width >= height) put(parts[k], x, y + offset, depth, length);
      else put(parts[k], x + offset, y, length, depth);
      offset += length;
    }
    if (width >= height) [x, width] = [x + depth, width - depth];
    else [y, height] = [y + depth, height - depth];
    start = end;
  }
}
