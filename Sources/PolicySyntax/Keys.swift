/// The one table of keys: the decoder, the hints for unknown keys and the JSON schema all read it.
public enum Keys {
  public static func of(_ block: Block) -> [Key] {
    switch block {
    case .top: top
    case .scan: scan
    case .layout: layout
    case .layoutMetrics: layoutMetrics
    case .layoutColumn: layoutColumn
    case .fact: fact
    case .factSource: factSource
    case .param: param
    case .defaults: defaults
    case .trash: trash
    case .archive: archive
    case .backup: backup
    case .limits: limits
    case .rule: rule
    case .best: best
    case .every: every
    case .thinKeep: thinKeep
    case .allowance: allowance
    case .quota: quota
    case .evict: evict
    case .pressure: pressure
    case .step: step
    case .property: property
    }
  }

  private static let top: [Key] = [
    Key("version", .version, "version of the language", required: true),
    Key("name", .text, "name of the policy, shown in plans"),
    Key("description", .text, "what the policy is for"),
    Key("roots", .list(.path), "folders whose runs the policy speaks of", not: ["root", "paths", "dirs", "folders"]),
    Key("scan", .block(.scan), "how a tree is searched"),
    Key("facts", .named(.fact), "facts beside the built-in ones", not: ["metrics"]),
    Key("params", .named(.param), "values that `--set` may change", not: ["vars", "variables", "parameters"]),
    Key("defaults", .block(.defaults), "what plain words mean"),
    Key("imports", .list(.path), "other policy files, relative to this one", not: ["include", "extends"]),
    Key("override", .overrides, "changes to what was imported, by id"),
    Key("trash", .block(.trash), "where things go first, and when they are purged"),
    Key("archive", .block(.archive), "where archives go"),
    Key("backup", .block(.backup), "where backups go"),
    Key("limits", .block(.limits), "over any of these the whole plan is refused"),
    Key("rules", .blocks(.rule), "what is protected, kept, trashed, archived, backed up", not: ["policies"]),
    Key("quotas", .blocks(.quota), "how much a group may use"),
    Key("pressure", .blocks(.pressure), "what to do when a volume is full", not: ["watermarks"]),
    Key("never", .blocks(.property), "what no plan may do", not: ["invariants", "assertions"]),
  ]

  private static let scan: [Key] = [
    Key("layout", .text, "`auto`, or the only layout to look for", not: ["format", "framework"]),
    Key("user", .pattern, "`owner`, or a path pattern with `{user}`"),
    Key("project", .pattern, "a path pattern with `{project}`"),
    Key("exclude", .list(.pattern), "paths below a root that are not entered", not: ["ignore", "skip"]),
    Key("grace", .duration, "how long a file must have been quiet; 30m at least"),
    Key("layouts", .blocks(.layout), "layouts of your own"),
  ]

  private static let layout: [Key] = [
    Key("name", .text, "name of the layout", required: true),
    Key("markers", .list(.pattern), "files that must all be there", required: true),
    Key("checkpoints", .list(.pattern), "checkpoint files, with `{epoch}`, `{step}` or `{role}`"),
    Key("metrics", .block(.layoutMetrics), "the metric file and its columns"),
  ]

  private static let layoutMetrics: [Key] = [
    Key("file", .path, "file with one row an epoch, relative to the run", required: true),
    Key("columns", .named(.layoutColumn), "metric name → column", required: true),
  ]

  private static let layoutColumn: [Key] = [
    Key("column", .list(.text), "name of the column, or several that may hold it", required: true),
    Key("type", .choice(["int", "number", "ratio"]), "type of the metric"),
    Key("better", .choice(["higher", "lower"]), "which way it is better"),
  ]

  private static let fact: [Key] = [
    Key("type", .choice(factTypes), "type of the fact", required: true),
    Key("better", .choice(["higher", "lower"]), "which way it is better", not: ["direction", "mode"]),
    Key("from", .block(.factSource), "where it is read", not: ["source"]),
  ]

  static let factTypes = ["bool", "int", "number", "ratio", "bytes", "duration", "time", "string"]

  private static let factSource: [Key] = [
    Key("file", .path, "file in the run", required: true),
    Key("column", .text, "column of a CSV file"),
    Key("pointer", .text, "JSON pointer into a JSON file"),
    Key("take", .choice(["best", "last", "first"]), "which of several values"),
  ]

  private static let param: [Key] = [
    Key("default", .literal, "its value; the type is that of the value", required: true, not: ["value"]),
    Key("description", .text, "what it is for"),
  ]

  private static let defaults: [Key] = [
    Key("age_of", .choice(["finished_at", "modified_at", "created_at"]), "what plain `age` of a run counts from")
  ]

  private static let trash: [Key] = [
    Key("dir", .path, "another place for the trash, on the same volume", not: ["path", "to", "folder"]),
    Key("purge_after", .duration, "how long things stay in it", not: ["retention", "ttl", "expire", "keep_for"]),
  ]

  private static let archive: [Key] = [
    Key("to", .path, "folder for archives", required: true, not: ["dir", "path", "target"]),
    Key("format", .choice(["tar.zst", "tar.gz"]), "how archives are packed", not: ["compression"]),
    Key("level", .integer, "level of compression"),
  ]

  private static let backup: [Key] = [
    Key(
      "to", .path, "a folder, `rclone:REMOTE:PATH` or `git-lfs:REPOSITORY`", required: true,
      not: ["dir", "path", "target"]),
    Key("bandwidth", .size, "bytes a second", not: ["bwlimit", "rate"]),
  ]

  private static let limits: [Key] = [
    Key("max_trash", .count, "most runs and checkpoints trashed by one plan"),
    Key("max_archive", .count, "most runs archived by one plan"),
    Key("max_trash_bytes", .sizeLimit, "most bytes trashed by one plan; a share is of the live bytes"),
    Key("max_share", .ratio, "largest share of the live runs trashed by one plan"),
  ]

  private static let rule: [Key] =
    [Key("id", .text, "name of the rule, unique", required: true, not: ["name"])]
    + VerbWord.allCases.map { Key($0.rawValue, .kind, verbMeaning($0), not: verbOtherNames($0)) }
    + [
      Key("where", .condition, "which ones; a list is and-ed", not: whereOtherNames),
      Key(
        "per", .factNames, "group of a selector", verbs: [.keep, .protect, .thin], not: ["group_by", "by", "group"]),
      Key(
        "latest", .count, "the newest n of a group", verbs: [.keep, .protect], not: ["newest", "last", "keep_last"]),
      Key("oldest", .count, "the oldest n of a group", verbs: [.keep, .protect], not: ["first"]),
      Key("best", .block(.best), "the best n of a group by a metric", verbs: [.keep, .protect], not: ["top"]),
      Key("every", .block(.every), "each whose number is a multiple of n", verbs: [.keep, .protect]),
      Key(
        "after", .duration, "age at least this", verbs: [.trash, .archive, .thin],
        not: ["older_than", "min_age", "age", "delay"]),
      Key("yields_to", .list(.choice(["quota", "pressure"])), "what a soft keep gives way to", verbs: [.keep]),
      Key("requires", .list(.choice(["backup"])), "wait until it is met", verbs: [.trash, .archive, .thin]),
      Key("in", .choice(["archive"]), "act on archived things", verbs: [.trash]),
      Key("to", .path, "another target than the file-wide one", verbs: [.archive, .backup], not: ["target"]),
      Key("because", .text, "carried into plans", not: ["reason", "comment", "why", "description"]),
      Key("allow", .blocks(.allowance), "findings that are accepted", not: ["suppress"]),
    ]

  static let whereOtherNames = ["filter", "filters", "when", "if", "match", "matches", "condition", "conditions"]

  private static func verbMeaning(_ verb: VerbWord) -> String {
    switch verb {
    case .protect: "nothing moves these, nor what holds them"
    case .keep: "no rule trashes these"
    case .trash: "move these to the trash"
    case .archive: "pack these away"
    case .backup: "copy these"
    case .thin: "trash these except what its `keep` list names"
    }
  }

  private static func verbOtherNames(_ verb: VerbWord) -> [String] {
    switch verb {
    case .protect: ["pin", "lock", "exclude"]
    case .keep: ["retain"]
    case .trash: ["delete", "remove", "clean", "destroy"]
    case .archive: ["compress", "move"]
    case .backup: ["copy", "sync"]
    case .thin: ["prune"]
    }
  }

  private static let best: [Key] = [
    Key("n", .count, "how many", required: true, not: ["count", "top"]),
    Key("by", .factName, "the metric", required: true, not: ["metric", "key", "of"]),
    Key("missing", .choice(["keep", "drop"]), "what becomes of those without the metric"),
    Key("ties", .choice(["newest", "oldest"]), "which of equals comes first"),
  ]

  private static let every: [Key] = [
    Key("n", .integer, "the step", required: true, not: ["count", "step"]),
    Key("by", .factName, "the number; `number` in the file name unless said otherwise", not: ["of"]),
  ]

  private static let thinKeep: [Key] = [
    Key("where", .condition, "which ones, of those that the rule speaks of", not: whereOtherNames),
    Key("latest", .count, "the newest n of a group", not: ["newest", "last"]),
    Key("oldest", .count, "the oldest n of a group", not: ["first"]),
    Key("best", .block(.best), "the best n of a group by a metric", not: ["top"]),
    Key("every", .block(.every), "each whose number is a multiple of n"),
  ]

  private static let allowance: [Key] = [
    Key("code", .text, "code of the finding, such as `P0330`", required: true),
    Key("until", .date, "when the finding counts again"),
    Key("because", .text, "why it is accepted", not: ["reason"]),
  ]

  private static let quota: [Key] = [
    Key("id", .text, "name of the quota, unique", required: true, not: ["name"]),
    Key("of", .kind, "what is counted", required: true, not: ["kind", "on"]),
    Key("per", .factNames, "one limit a group", not: ["group_by", "by", "group"]),
    Key("limit", .size, "how much a group may use", required: true, not: ["max", "size"]),
    Key("down_to", .ratio, "share of the limit to come down to"),
    Key("evict", .block(.evict), "who may go, in which order", required: true),
    Key("because", .text, "carried into plans", not: ["reason"]),
  ]

  private static let evict: [Key] = [
    Key("where", .condition, "who may go", required: true, not: whereOtherNames),
    Key("order", .orderKeys, "who goes first; `[age desc]` unless said otherwise", not: ["order_by", "sort"]),
  ]

  private static let pressure: [Key] = [
    Key("id", .text, "name of the entry, unique", required: true, not: ["name"]),
    Key("volume", .path, "mount point of the volume", required: true, not: ["disk", "mount", "path"]),
    Key("high", .ratio, "share in use from which it acts", required: true),
    Key("low", .ratio, "share in use down to which it acts", required: true),
    Key("relieve", .blocks(.step), "steps, in this order", required: true, not: ["steps", "relief"]),
  ]

  private static let step: [Key] = [
    Key("purge", .choice(["trash"]), "empty the trash early"),
    Key("archive", .choice(["runs"]), "pack runs away"),
    Key("trash", .kind, "move these to the trash", not: ["delete", "remove"]),
    Key("where", .condition, "which ones", not: whereOtherNames),
    Key("min_age", .duration, "age at least this", not: ["after", "older_than"]),
    Key("order", .orderKeys, "which first; `[age desc]` unless said otherwise", not: ["order_by", "sort"]),
  ]

  private static let property: [Key] = [
    Key("id", .text, "name of the property, unique", required: true, not: ["name"]),
    Key("destroy", .kind, "what no plan may trash", not: ["trash", "delete", "remove"]),
    Key("archive", .kind, "what no plan may archive"),
    Key("where", .condition, "which ones", not: whereOtherNames),
    Key("because", .text, "why", not: ["reason"]),
  ]
}
