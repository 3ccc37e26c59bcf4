// Everything that the page says, in both languages. `{0}` is a value.
const WORDS = {
  en: {
    other: "中文", otherLabel: "用中文显示", skip: "Skip to the runs", print: "Print",
    theme_auto: "Theme: system", theme_light: "Theme: light", theme_dark: "Theme: dark",
    origin: "Plan {0} of {1}, for {2}", 
    notWhole: "Only what the plan speaks of is shown: the runs that no rule asked about could not be seen when this was made.",
    bytesTitle: "Bytes", onDisk: "In runs and trash", going: "Goes", freeNow: "Free at once", freeLater: "Free later",
    staying: "Stays", nRuns: "{0} runs", oneRun: "1 run", nItems: "{0} checkpoints", oneItem: "1 checkpoint", and: " and ",
    laterWait: "when the trash is purged, {0} after the move", laterHand: "only when the trash is purged by hand",
    laterSome: "when the trash is purged", nowText: "by archives and purges",
    volume: "full; {0}% after apply, {1}% once the trash is purged",
    mapTitle: "Where the bytes are", all: "All", asMap: "Map", asTable: "Table",
    mapHelp: "Click, or Enter, opens a part; Backspace goes back. Arrow keys move. Striped: it goes, or so much of it.",
    mapLabel: "Map of the bytes in {0}: {1}. {2} parts. The table has the same figures.",
    noUser: "nobody's", noProject: "no project", place: "Place", bytes: "Bytes", share: "Share",
    runsCount: "Runs", mapMore: "{0} smaller runs: the list below has them all",
    rulesTitle: "By rule", rulesAll: "Show only what this rule asks for", rulesOff: "Show everything again",
    runsTitle: "Runs", search: "Search", searchHint: "Search path, user, rule…", user: "User", state: "State",
    allUsers: "All users", allStates: "All states", clear: "Show all", none: "No run is like that.",
    found: "{0} of {1} runs, {2}", run: "Run", size: "Size", frees: "Frees", fate: "Fate", why: "Why", metric: "Metric",
    age: "Age", sortedUp: "ascending", sortedDown: "descending",
    checksTitle: "Checked", holds: "holds", fails: "DOES NOT HOLD", ofMax: "{0} of {1}", tooMuch: "too much",
    unmet: "Not met", refused: "REFUSED: this plan will not be applied", notes: "Note",
    close: "Close", whyGoes: "Why it goes", whyStays: "Why it stays", nearly: "What nearly kept it", wanted: "Wanted by",
    parts: "Checkpoints", facts: "What is known", noCurve: "No curve: {0}", curve: "{0}, {1} rows: {2} to {3}",
    framework: "Framework", project: "Project", idle: "Idle for", nothingAsks: "no rule asks for it to go",
    wantedBy: "; wanted by {0}", printedMore: "… and {0} more runs", comma: ", ", semicolon: "; ", colon: ": ",
    curve_off: "curves were left out", curve_absent: "no metric file, or no numbers in it",
    curve_away: "the runs lie elsewhere", digest: "Plan {0}", policyDigest: "policy {0}", made: "Made by policy report",
    fate_purge: "purge", fate_trash: "trash", fate_archive: "archive", fate_thin: "thin out", fate_backup: "back up",
    fate_held: "held", fate_undecided: "undecided", fate_kept: "stays", fate_trashed: "in the trash",
    fates: {
      purge: "leaves the trash for good", trash: "moves to the trash", archive: "is packed away, then trashed",
      thin: "some of its checkpoints go", backup: "is copied", held: "a rule wanted it gone, another holds it",
      undecided: "something is not known, so it stays", kept: "no rule asks for it to go", trashed: "lies in the trash",
    },
    states: {}, verb_trash: "trash", verb_purge: "purge", verb_archive: "archive", verb_backup: "back up",
  },
  zh: {
    other: "English", otherLabel: "Show in English", skip: "跳到训练列表", print: "打印",
    theme_auto: "主题：跟随系统", theme_light: "主题：浅色", theme_dark: "主题：深色",
    origin: "计划 {0}，{1} 决定，{2}", notWhole: "只显示计划里提到的内容：生成本页时看不到那些没有规则涉及的训练。",
    bytesTitle: "空间", onDisk: "训练与回收站", going: "移走", freeNow: "立即释放", freeLater: "稍后释放",
    staying: "留下", nRuns: "{0} 个训练", oneRun: "1 个训练", nItems: "{0} 个检查点", oneItem: "1 个检查点", and: "和 ",
    laterWait: "清空回收站时，即移入 {0} 之后", laterHand: "只在手动清空回收站时",
    laterSome: "清空回收站时", nowText: "来自归档与清除",
    volume: "已用；执行后 {0}%，清空回收站后 {1}%",
    mapTitle: "空间都在哪里", all: "全部", asMap: "图", asTable: "表",
    mapHelp: "单击或按 Enter 进入，Backspace 返回，方向键移动。带斜纹的部分会被移走。",
    mapLabel: "{0} 的空间分布图：{1}，{2} 个部分。表格里有同样的数字。",
    noUser: "无主", noProject: "无项目", place: "位置", bytes: "大小", share: "占比",
    runsCount: "训练数", mapMore: "另有 {0} 个较小的训练，都在下面的列表里",
    rulesTitle: "按规则", rulesAll: "只看这条规则要移走的", rulesOff: "重新显示全部",
    runsTitle: "训练", search: "搜索", searchHint: "搜索路径、用户、规则…", user: "用户", state: "状态",
    allUsers: "所有用户", allStates: "所有状态", clear: "显示全部", none: "没有这样的训练。",
    found: "{1} 个训练中的 {0} 个，{2}", run: "训练", size: "大小", frees: "释放", fate: "去向", why: "原因", metric: "指标",
    age: "时间", sortedUp: "升序", sortedDown: "降序",
    checksTitle: "已检查", holds: "成立", fails: "不成立", ofMax: "{0} / {1}", tooMuch: "超出",
    unmet: "未达到", refused: "已拒绝：这份计划不会被执行", notes: "注意",
    close: "关闭", whyGoes: "为什么移走", whyStays: "为什么留下", nearly: "差一点就留下", wanted: "想移走它的规则",
    parts: "检查点", facts: "已知信息", noCurve: "没有曲线：{0}", curve: "{0}，{1} 行：{2} 到 {3}",
    framework: "框架", project: "项目", idle: "闲置", nothingAsks: "没有规则要移走它",
    wantedBy: "；想移走它的是 {0}", printedMore: "…… 另有 {0} 个训练", comma: "，", semicolon: "；", colon: "：",
    curve_off: "生成时略去了曲线", curve_absent: "没有指标文件，或其中没有数字",
    curve_away: "训练不在这台机器上", digest: "计划 {0}", policyDigest: "策略 {0}", made: "由 policy report 生成",
    fate_purge: "清除", fate_trash: "移入回收站", fate_archive: "归档", fate_thin: "精简", fate_backup: "备份",
    fate_held: "被保留", fate_undecided: "未决", fate_kept: "留下", fate_trashed: "在回收站",
    fates: {
      purge: "从回收站永久清除", trash: "移入回收站", archive: "打包归档后移入回收站", thin: "移走部分检查点",
      backup: "复制备份", held: "有规则想移走它，另一条规则保住了它", undecided: "有信息未知，所以留下",
      kept: "没有规则要移走它", trashed: "已在回收站里",
    },
    states: { running: "运行中", finished: "已结束", interrupted: "已中断", failed: "失败", unknown: "未知" },
    verb_trash: "移入回收站", verb_purge: "清除", verb_archive: "归档", verb_backup: "备份",
  },
};

// What a person chose is remembered where the browser lets a file do so.
const memory = {
  get: (key) => {
    try { return localStorage.getItem("policy-report." + key); } catch { return null; }
  },
  set: (key, value) => {
    try { localStorage.setItem("policy-report." + key, value); } catch { /* not here */ }
  },
};

let language = (() => {
  const chosen = memory.get("language");
  if (chosen === "en" || chosen === "zh") return chosen;
  if (data.language !== "auto") return data.language;
  return /^zh\b/i.test(navigator.language || "") ? "zh" : "en";
})();

function t(key, ...values) {
  const text = WORDS[language][key];
  return values.length ? text.replace(/\{(\d)\}/g, (_, index) => values[index]) : text;
}

const fateWord = (fate) => t("fate_" + fate);
const stateWord = (state) => WORDS[language].states[state] || state;
const runsText = (n) => (n === 1 ? t("oneRun") : t("nRuns", number(n)));
const itemsText = (n) => (n === 1 ? t("oneItem") : t("nItems", number(n)));
