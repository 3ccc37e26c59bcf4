// The page around map and list: figures, filters, language, theme, print.
const filter = { text: "", user: "", state: "", fate: null, rule: null };

// What the search looks through, made once.
let haystack = null;
function lowered() {
  if (haystack) return haystack;
  // Fates and states in both languages: a link to the page may say either.
  const inBoth = (word) => [WORDS.en, WORDS.zh].map(word).join("\n");
  const fateWords = fates.map((fate) => inBoth((words) => words["fate_" + fate]));
  const stateWords = states.map((state) => state + "\n" + inBoth((words) => words.states[state] || ""));
  const named = Array.from({ length: count }, () => new Set());
  const add = (i, reasons) => {
    for (const [rule] of clauses(reasons)) if (rule >= 0) named[i].add(rules[rule].id);
  };
  for (let k = 0; k < items.run.length; k += 1) add(items.run[k], items.why[k]);
  haystack = [];
  for (let i = 0; i < count; i += 1) {
    add(i, runs.why[i]);
    add(i, runs.near[i]);
    haystack.push([
      pathOf(i), users[runs.user[i]] || "", layouts[runs.layout[i]] || "", stateWords[runs.state[i]] || "",
      fateWords[runs.fate[i]], ...named[i],
    ].join("\n").toLowerCase());
  }
  return haystack;
}

function matching(ignoreFate) {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const texts = words.length ? lowered() : null;
  const [user, state] = [filter.user === "" ? -2 : Number(filter.user), filter.state === "" ? -2 : Number(filter.state)];
  const shown = [];
  for (let i = 0; i < count; i += 1) {
    if (user !== -2 && runs.user[i] !== user) continue;
    if (state !== -2 && runs.state[i] !== state) continue;
    if (!ignoreFate && filter.fate !== null && runs.fate[i] !== filter.fate) continue;
    if (filter.rule !== null && !wanting(i, filter.rule)) continue;
    if (texts && !words.every((word) => texts[i].includes(word))) continue;
    shown.push(i);
  }
  return shown;
}

const sum = (list, of) => list.reduce((total, i) => total + of(i), 0);

function renderFiltered() {
  const shown = matching(false);
  const isFiltered = shown.length !== count;
  byId("clear").hidden = !isFiltered;
  byId("found").textContent = t("found", number(shown.length), number(count), size(sum(shown, (i) => runs.bytes[i])));
  renderFates(matching(true));
  renderRules();
  showMap(shown);
  showRows(shown);
}

// The bar and its legend, which is the filter by fate as well.
function renderFates(shown) {
  const totals = fates.map(() => ({ bytes: 0, going: 0, count: 0 }));
  let whole = 0;
  for (const i of shown) {
    totals[runs.fate[i]].bytes += runs.bytes[i];
    totals[runs.fate[i]].going += goingBytes(i);
    totals[runs.fate[i]].count += 1;
    whole += runs.bytes[i];
  }
  const [bar, chips] = [[], []];
  fates.forEach((fate, index) => {
    const { bytes, going, count: many } = totals[index];
    if (!many && filter.fate !== index) return;
    // What goes of it is striped, what stays is plain: runs that are thinned out have both.
    for (const [part, className] of [[going, " striped"], [bytes - going, ""]]) {
      if (part <= 0) continue;
      const piece = make("span", "piece fate-" + fate + className);
      piece.style.flexGrow = String(whole > 0 ? part / whole : 0);
      bar.push(piece);
    }
    const chip = make("button", "chip");
    chip.type = "button";
    chip.dataset.fate = fate;
    chip.setAttribute("aria-pressed", String(filter.fate === index));
    chip.title = WORDS[language].fates[fate];
    chip.append(make("span", "dot fate-" + fate + (goes(fate) ? " striped" : "")), make("span", "", fateWord(fate)));
    const isPart = goes(fate) && going < bytes;
    chip.append(make("strong", "", number(many)));
    chip.append(make("span", "muted", isPart ? t("ofMax", size(going), size(bytes)) : size(bytes)));
    chip.addEventListener("click", () => {
      filter.fate = filter.fate === index ? null : index;
      renderFiltered();
      const again = byId("fates").querySelector('[data-fate="' + fate + '"]');
      if (again) again.focus();
    });
    chips.push(chip);
  });
  byId("bar").replaceChildren(...bar);
  byId("fates").setAttribute("aria-label", t("fate"));
  byId("fates").replaceChildren(...chips);
}

function figure(term, value, text, className) {
  const group = make("div", "figure-card " + (className || ""));
  group.append(make("dt", "muted", term), make("dd", "", value));
  for (const line of text.filter(Boolean)) group.append(make("dd", "muted small", line));
  return group;
}

function renderFigures() {
  const all = runs.bytes.reduce((total, bytes) => total + bytes, 0);
  const going = [...runs.fate.keys()].filter((i) => ["trash", "archive", "purge"].includes(fateOf(i)));
  const parts = data.goingItems;
  const wholeText = runsText(data.frees.count - parts);
  const text = [data.frees.count > parts ? wholeText : "", parts ? itemsText(parts) : ""].filter(Boolean).join(t("and"));
  const wait = data.frees.wait;
  const later = wait === null ? t("laterHand") : wait === "" ? t("laterSome") : t("laterWait", wait);
  byId("figures").replaceChildren(
    figure(t("onDisk"), size(all), [runsText(count)]),
    figure(t("going"), size(data.frees.bytes), [text], going.length || parts ? "going" : ""),
    figure(t("freeNow"), size(data.frees.now), [data.frees.now > 0 ? t("nowText") : ""]),
    figure(t("freeLater"), size(data.frees.later), [data.frees.later > 0 ? later : ""]),
    ...data.volumes.map((volume) => volumeFigure(volume)));
}

// How full a disk is: now, after apply, and once the trash is purged.
function volumeFigure(volume) {
  const share = (bytes) => Math.max(0, Math.min(100, Math.floor((1000 * bytes) / volume.size) / 10));
  const steps = [volume.used, volume.used - volume.now, volume.used - volume.now - volume.later].map(share);
  const group = figure(volume.path, steps[0] + "%", [t("volume", steps[1], steps[2])], "volume");
  const gauge = make("dd", "gauge");
  gauge.setAttribute("aria-hidden", "true");
  for (const [name, width] of [["later", steps[0] - steps[2]], ["used", steps[2]]].reverse()) {
    const piece = make("span", name);
    piece.style.width = width + "%";
    gauge.append(piece);
  }
  group.insertBefore(gauge, group.children[2]);
  return group;
}

function renderAlerts() {
  const boxes = [];
  const box = (kind, title, lines) => {
    if (!lines.length) return;
    const element = make("div", "alert " + kind);
    element.append(make("strong", "", title));
    for (const line of lines) element.append(make("p", "", line));
    boxes.push(element);
  };
  box("bad", t("refused"), data.refusals.map(part));
  box("warn", t("unmet"), data.unmet.map(part));
  box("info", t("notes"), [...(data.isWhole ? [] : [t("notWhole")]), ...data.notes.map(part)]);
  byId("alerts").replaceChildren(...boxes);
}

function renderRules() {
  const used = rules.map((rule, index) => ({ rule, index })).filter(({ rule }) => rule.count > 0);
  byId("rules-card").hidden = used.length === 0;
  used.sort((a, b) => b.rule.bytes - a.rule.bytes || compareText(a.rule.id, b.rule.id));
  const most = used.length ? Math.max(1, used[0].rule.bytes) : 1;
  byId("rules").replaceChildren(
    ...used.map(({ rule, index }) => {
      const button = make("button", "rule");
      button.type = "button";
      button.dataset.rule = String(index);
      button.setAttribute("aria-pressed", String(filter.rule === index));
      button.title = filter.rule === index ? t("rulesOff") : t("rulesAll");
      const bar = make("span", "rule-bar");
      bar.append(make("span", "rule-fill"));
      bar.firstChild.style.width = Math.max(1, (100 * rule.bytes) / most) + "%";
      const sum = make("span", "figure", size(rule.bytes));
      sum.append(make("span", "muted", " · " + number(rule.count) + "×"));
      button.append(make("code", "", rule.id), sum, bar);
      button.append(make("span", "muted small", [rule.text && "“" + rule.text + "”", rule.at].filter(Boolean).join(" · ")));
      button.addEventListener("click", () => {
        filter.rule = filter.rule === index ? null : index;
        renderFiltered();
        byId("rules").querySelector('[data-rule="' + index + '"]').focus();
      });
      const line = make("li");
      line.append(button);
      return line;
    }));
}

function renderChecks() {
  byId("checks-card").hidden = data.checks.length === 0;
  byId("checks").replaceChildren(
    ...data.checks.map((check) => {
      const line = make("li", check.ok ? "ok" : "bad");
      const words = check.max === undefined ? t(check.ok ? "holds" : "fails") : t("ofMax", check.value, check.max);
      line.append(make("span", "mark", check.ok ? "✓" : "✗"), make("code", "", check.name), make("span", "", words));
      return line;
    }));
}

function options(select, first, list, word) {
  const chosen = select.value;
  const make1 = (value, text) => {
    const option = make("option", "", text);
    option.value = value;
    return option;
  };
  select.replaceChildren(make1("", first), ...list.map(([index, text]) => make1(String(index), word(text))));
  select.value = chosen;
}

function usedBy(column, names) {
  const used = new Set(column);
  return names.map((name, index) => [index, name]).filter(([index, name]) => used.has(index) && name);
}

function renderWords() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  document.title = data.name + " · " + size(data.frees.bytes) + " " + t("going");
  byId("name").textContent = data.name;
  byId("origin").textContent = t("origin", data.digest.slice(7, 19), minute(data.now), data.roots.join(t("comma")));
  byId("language").textContent = t("other");
  byId("language").setAttribute("aria-label", t("otherLabel"));
  byId("search").placeholder = t("searchHint");
  byId("foot").replaceChildren(
    make("span", "", t("digest", data.digest)), make("span", "", t("policyDigest", data.policy)), make("span", "", t("made")));
  whyTexts.clear();
  options(byId("user"), t("allUsers"), usedBy(runs.user, users).sort((a, b) => compareText(a[1], b[1])), (name) => name);
  options(byId("state"), t("allStates"), usedBy(runs.state, states), stateWord);
  renderTheme();
  renderAlerts();
  renderFigures();
  renderChecks();
  renderColumns();
  renderFiltered();
  renderDetails();
}
