// Everything about one run, beside the list.
const details = { run: -1, from: null };

function openDetails(i, from) {
  details.run = i;
  details.from = from || document.activeElement;
  const index = grid.shown.indexOf(i);
  if (index >= 0) activate(index);
  renderDetails();
  byId("details-title").focus();
}

function closeDetails() {
  const from = details.from;
  details.run = -1;
  renderDetails();
  if (from && from.isConnected) from.focus();
}

function renderDetails() {
  const box = byId("details");
  const i = details.run;
  box.hidden = i < 0;
  byId("runs").classList.toggle("opened", i >= 0);
  if (i < 0) return;
  const fate = fateOf(i);
  const title = make("h3", "", runs.name[i]);
  title.id = "details-title";
  title.tabIndex = -1;
  const close = make("button", "quiet close", "×");
  close.type = "button";
  close.setAttribute("aria-label", t("close"));
  close.addEventListener("click", closeDetails);
  const folder = make("p", "folder muted", data.folders[runs.folder[i]]);
  const verdict = make("p", "verdict");
  verdict.append(make("span", "dot fate-" + fate), make("strong", "", fateWord(fate)));
  const meaning = WORDS[language].fates[fate];
  if (meaning !== fateWord(fate)) verdict.append(make("span", "muted", meaning));
  box.replaceChildren(close, title, folder, verdict, ...curveParts(i), ...reasonParts(i), ...itemParts(i), factList(i));
  measureRows();
  renderRows();
}

function curveParts(i) {
  const points = curveOf(i);
  if (points.length < 2) {
    const why = data.curves === "read" ? "curve_absent" : "curve_" + data.curves;
    return fateOf(i) === "trashed" || fateOf(i) === "purge" ? [] : [make("p", "muted small", t("noCurve", t(why)))];
  }
  const figure = make("figure", "curve");
  const name = metrics[runs.curveMetric[i]].name;
  const words = t("curve", name, number(runs.rows[i]), runs.low[i], runs.high[i]);
  const picture = svg("svg", { viewBox: "-2 -3 304 96", role: "img", "aria-label": words, preserveAspectRatio: "none" });
  for (const y of [0, 45, 90]) picture.append(svg("path", { class: "rule", d: "M0 " + y + "H300" }));
  picture.append(svg("path", { class: "area", d: areaPath(points, 300, 90) }));
  picture.append(svg("path", { class: "line", d: curvePath(points, 300, 90) }));
  figure.append(picture, make("figcaption", "muted", words));
  return [figure];
}

// What lies under a curve, from its first to its last point.
function areaPath(points, width, height) {
  const known = points.map((value, index) => [index, value]).filter(([, value]) => value !== null);
  if (known.length < 2) return "";
  const x = (index) => ((index / (points.length - 1)) * width).toFixed(1);
  const line = known.map(([index, value]) => x(index) + " " + ((1 - value) * height).toFixed(1)).join("L");
  return "M" + x(known[0][0]) + " " + height + "L" + line + "L" + x(known[known.length - 1][0]) + " " + height + "Z";
}

function section(title, body) {
  return [make("h4", "", title), body];
}

function clauseList(list) {
  const element = make("ul", "clauses");
  for (const one of list) {
    const line = make("li");
    const [rule, ...parts] = one;
    if (rule >= 0) line.append(make("code", "", rules[rule].id));
    if (parts.length) line.append(make("span", "", parts.map(part).join(t("comma"))));
    if (rule >= 0 && rules[rule].text) line.append(make("em", "muted", "“" + rules[rule].text + "”"));
    if (rule >= 0 && rules[rule].at) line.append(make("span", "muted small", rules[rule].at));
    element.append(line);
  }
  return element;
}

function reasonParts(i) {
  const fate = fateOf(i);
  const [why, near] = [clauses(runs.why[i]), clauses(runs.near[i])];
  const isGoing = goes(fate) && fate !== "thin";
  const parts = [];
  if (why.length) parts.push(...section(isGoing ? t("whyGoes") : t("whyStays"), clauseList(why)));
  else if (fate === "kept") parts.push(...section(t("whyStays"), make("p", "", t("nothingAsks"))));
  if (near.length) parts.push(...section(fate === "held" || fate === "thin" ? t("wanted") : t("nearly"), clauseList(near)));
  return parts;
}

function itemParts(i) {
  const found = itemsOf(i);
  if (!found.length) return [];
  const list = make("ul", "items");
  for (const k of found.slice(0, 200)) {
    const line = make("li");
    line.append(make("span", "", data.itemNames[items.name[k]]), make("span", "figure", size(items.bytes[k])));
    const why = clauses(items.why[k]).map(clause).join(t("semicolon"));
    line.append(make("span", "muted small", [t("verb_" + data.verbs[items.verb[k]]), why].filter(Boolean).join(" · ")));
    list.append(line);
  }
  if (found.length > 200) list.append(make("li", "muted", "… " + number(found.length - 200)));
  return section(t("parts"), list);
}

function factList(i) {
  const list = make("dl", "facts");
  const add = (term, text) => {
    if (text) list.append(make("dt", "muted", term), make("dd", "", text));
  };
  add(t("size"), size(runs.bytes[i]) + " (" + number(runs.bytes[i]) + " B)");
  if (runs.now[i] > 0) add(t("freeNow"), size(runs.now[i]));
  if (runs.later[i] > 0) add(t("freeLater"), size(runs.later[i]));
  add(t("user"), users[runs.user[i]]);
  add(t("project"), projects[runs.project[i]]);
  add(t("framework"), layouts[runs.layout[i]]);
  if (states[runs.state[i]]) add(t("state"), stateWord(states[runs.state[i]]));
  if (runs.age[i] >= 0) add(t("idle"), ageText(i));
  if (runs.metric[i] >= 0) add(metrics[runs.metric[i]].name, runs.score[i]);
  return list;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && details.run >= 0 && byId("details").contains(event.target)) closeDetails();
});
