// What the plan says, as columns: `runs.bytes[i]` is the size of run `i`. Texts that come often stand once in a table.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const { runs, items, users, projects, layouts, metrics, rules, fates, states } = data;
const count = runs.name.length;

const byId = (id) => document.getElementById(id);

// An element with its text, which is never read as markup.
function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// `15.0 GiB`: three significant digits at the most, rounded down, as the program prints sizes.
function size(bytes) {
  if (bytes < 1024) return bytes + " B";
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = -1;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit += 1;
  }
  return (bytes >= 100 ? Math.floor(bytes) : (Math.floor(bytes * 10) / 10).toFixed(1)) + " " + units[unit];
}

const number = (value) => value.toLocaleString(language === "zh" ? "zh-CN" : "en");
const minute = (moment) => moment.slice(0, 10) + " " + moment.slice(11, 16) + "Z";
const fateOf = (i) => fates[runs.fate[i]];
const goes = (fate) => fate === "trash" || fate === "archive" || fate === "purge" || fate === "thin";

function pathOf(i) {
  const folder = data.folders[runs.folder[i]];
  return folder ? folder + "/" + runs.name[i] : runs.name[i];
}

// What leaves the disk with a run, now or later; of a run that stays, its checkpoints that go.
const freed = (i) => runs.now[i] + runs.later[i];

// How much of a run goes: all of it, or the part that its checkpoints are.
function goingBytes(i) {
  const fate = fateOf(i);
  if (fate === "thin") return Math.min(freed(i), runs.bytes[i]);
  return goes(fate) ? runs.bytes[i] : 0;
}

// `29d23h`: the two largest units, rounded down, as plans print ages.
function ageText(i) {
  let rest = runs.age[i];
  if (rest < 0) return "–";
  const parts = [];
  for (const [letter, seconds] of [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]]) {
    const many = Math.floor(rest / seconds);
    if (many > 0 || parts.length) parts.push(many > 0 ? many + letter : "");
    rest %= seconds;
    if (parts.length === 2) break;
  }
  return parts.join("") || "0s";
}

// A part of a sentence in the language of the page: English stands first, 0 after it where it serves for both.
function part(index) {
  const [english, chinese] = [data.parts[2 * index], data.parts[2 * index + 1]];
  return language === "zh" && chinese !== 0 ? chinese : english;
}

// `stale: failed, 30d old`
function clause([rule, ...parts]) {
  const name = rule < 0 ? "" : rules[rule].id;
  if (!parts.length) return name;
  const text = parts.map(part).join(t("comma"));
  return name ? name + t("colon") + text : text;
}

const clauses = (index) => (index < 0 ? [] : data.reasons[index]);

// Why run `i` goes or stays, on one line. `whyText` is asked for every row that scrolls by, so it is kept.
const whyTexts = new Map();
function whyText(i) {
  const fate = fateOf(i);
  if (fate === "thin") return thinText(i);
  const key = runs.why[i] + "/" + (fate === "held" ? runs.near[i] : fate);
  let text = whyTexts.get(key);
  if (text === undefined) {
    text = clauses(runs.why[i]).map(clause).join(t("semicolon"));
    if (fate === "held") text += t("wantedBy", clauses(runs.near[i]).map(clause).join(t("comma")));
    if (!text) text = fate === "kept" ? t("nothingAsks") : "";
    whyTexts.set(key, text);
  }
  return text;
}

// Of a run that stays, why its checkpoints go: the first few reasons.
function thinText(i) {
  const lists = new Set(itemsOf(i).map((k) => items.why[k]));
  const texts = [...lists].slice(0, 3).map((list) => clauses(list).map(clause).join(t("semicolon")));
  return texts.join(t("semicolon")) + (lists.size > 3 ? " …" : "");
}

// The rules that want run `i`, or a checkpoint in it, gone.
const wanting = (() => {
  const sets = [];
  const add = (i, reasons) => {
    for (const [rule] of clauses(reasons)) if (rule >= 0) (sets[i] ||= new Set()).add(rule);
  };
  for (let i = 0; i < count; i += 1) if (goes(fateOf(i)) || fateOf(i) === "backup") add(i, runs.why[i]);
  for (let k = 0; k < items.run.length; k += 1) add(items.run[k], items.why[k]);
  return (i, rule) => sets[i] !== undefined && sets[i].has(rule);
})();

// Places of the checkpoints of run `i` that something happens to; they are sorted by run.
function itemsOf(i) {
  let [low, high] = [0, items.run.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items.run[middle] < i) low = middle + 1;
    else high = middle;
  }
  const found = [];
  while (low < items.run.length && items.run[low] === i) found.push(low++);
  return found;
}

// A metric's way as points: a letter each, from `0` for the lowest value to `o` for the highest; a blank is a gap.
function curveOf(i) {
  const text = runs.curve[i];
  if (!text) return [];
  return Array.from(text, (letter) => (letter === " " ? null : (letter.charCodeAt(0) - 48) / 63));
}

// The path of an SVG line through a curve, in a box.
function curvePath(points, width, height) {
  let [path, isOpen] = ["", false];
  points.forEach((value, index) => {
    if (value === null) {
      isOpen = false;
      return;
    }
    const x = points.length > 1 ? (index / (points.length - 1)) * width : width / 2;
    path += (isOpen ? "L" : "M") + x.toFixed(1) + " " + ((1 - value) * height).toFixed(1);
    isOpen = true;
  });
  return path;
}

function svg(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const key of Object.keys(attributes)) element.setAttribute(key, attributes[key]);
  return element;
}
