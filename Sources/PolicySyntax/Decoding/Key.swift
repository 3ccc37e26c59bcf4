/// A word that a policy file may use as a key, and what it says about its value.
public struct Key: Sendable {
  public let name: String
  public let value: ValueShape
  /// One line for hints, reference and schema.
  public let meaning: String
  /// Of a rule's modifier: the verbs that use it. Empty where the question does not arise.
  public let verbs: [VerbWord]
  public let isRequired: Bool
  /// What people write when they mean this key and cannot be found by spelling.
  let otherNames: [String]

  init(
    _ name: String, _ value: ValueShape, _ meaning: String, verbs: [VerbWord] = [], required: Bool = false,
    not otherNames: [String] = []
  ) {
    self.name = name
    self.value = value
    self.meaning = meaning
    self.verbs = verbs
    self.isRequired = required
    self.otherNames = otherNames
  }
}

/// The verbs as rules write them: `thin` is sugar for a `trash` with keeps.
public enum VerbWord: String, Hashable, Sendable, CaseIterable {
  case protect, keep, trash, archive, backup, thin

  /// Whether a rule without a condition would move everything of its kind.
  public var needsCondition: Bool { self == .trash || self == .archive || self == .thin }
  /// Whether it takes `latest`, `oldest`, `best`, `every`.
  public var takesSelector: Bool { self == .keep || self == .protect }
}

/// What the value of a key looks like; the type words of the table.
public indirect enum ValueShape: Hashable, Sendable {
  case version, text, path, pattern, condition, orderKeys, factName, factNames, kind
  case integer, count, duration, size, ratio, sizeLimit, date
  /// Any literal; its type is guessed from the spelling.
  case literal
  case choice([String])
  /// A list; one value may stand without brackets.
  case list(ValueShape)
  case block(Block)
  case blocks(Block)
  /// A mapping from names to blocks.
  case named(Block)
  /// A mapping from ids to keys of whatever the id names.
  case overrides

  /// With an article and an example, for messages.
  public var phrase: String {
    switch self {
    case .version: "the version of the language, `1`"
    case .text: "text"
    case .path: "a path"
    case .pattern: "a path pattern"
    case .condition: "a condition"
    case .orderKeys: "a list such as `[age desc]`"
    case .factName: "the name of a fact"
    case .factNames: "names of facts, or `all`"
    case .kind: "`runs` or `checkpoints`"
    case .integer: "a whole number such as `3`"
    case .count: "a count such as `3`, or `none` or `all`"
    case .duration: "a duration such as `24h`"
    case .size: "a size such as `50GiB`"
    case .ratio: "a ratio such as `80%`"
    case .sizeLimit: "a size such as `50GiB`, or a share such as `20%`"
    case .date: "a date such as `2026-12-31`"
    case .literal: "a value such as `3`, `24h` or `80%`"
    case .choice(let words): Self.listed(words, "or")
    case .list(let item): "a list of values, each \(item.phrase)"
    case .block: "a block of keys"
    case .blocks: "a list of entries that begin with `- `"
    case .named: "a block of names, each with keys of its own"
    case .overrides: "a block of ids, each with the keys to change"
    }
  }

  /// `a`, `b` or `c`.
  static func listed(_ words: [String], _ joint: String) -> String {
    let quoted = words.map { "`\($0)`" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
    return quoted.dropLast().joined(separator: ", ") + " \(joint) " + last
  }
}

/// A mapping of the language: each has its own keys.
public enum Block: String, Hashable, Sendable, CaseIterable {
  case top, scan, layout, layoutMetrics, layoutColumn, fact, factSource, param, defaults, trash, archive, backup
  case limits, rule, best, every, thinKeep, allowance, quota, evict, pressure, step, property

  /// Where a key stands, for messages: "in a rule".
  var place: String {
    switch self {
    case .top: "at the top level"
    case .layout: "in a layout"
    case .layoutMetrics: "in the `metrics` of a layout"
    case .layoutColumn: "in a column of a layout"
    case .fact: "in a fact"
    case .factSource: "in the `from` of a fact"
    case .param: "in a param"
    case .rule: "in a rule"
    case .thinKeep: "in a `keep` entry of `thin`"
    case .allowance: "in an `allow` entry"
    case .quota: "in a quota"
    case .pressure: "in an entry of `pressure`"
    case .step: "in a `relieve` step"
    case .property: "in an entry of `never`"
    case .scan, .defaults, .trash, .archive, .backup, .limits, .best, .every, .evict: "in `\(rawValue)`"
    }
  }

  /// Whose keys they are, for captions: "not a key of …".
  var owner: String {
    switch self {
    case .top: "policies"
    case .layout: "layouts"
    case .layoutMetrics: "`metrics`"
    case .layoutColumn: "columns"
    case .fact: "facts"
    case .factSource: "`from`"
    case .param: "params"
    case .rule: "rules"
    case .thinKeep: "what `thin` keeps"
    case .allowance: "`allow`"
    case .quota: "quotas"
    case .pressure: "`pressure`"
    case .step: "`relieve` steps"
    case .property: "`never`"
    case .scan, .defaults, .trash, .archive, .backup, .limits, .best, .every, .evict: "`\(rawValue)`"
    }
  }
}
