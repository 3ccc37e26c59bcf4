/// Writes the same few rules in every layout that YAML has for them, with comments in all the places where they can be.
///
/// A comment `# of x 7` stands where it can only belong to rule `x`; `# free 7` may go either way.
struct LayoutAuthor {
  private var dice: Dice
  private var number = 0
  private var lines: [String] = []

  init(_ seed: UInt64) { dice = Dice(0xF0_0000 + seed) }

  private enum Value {
    case plain(String)
    case list([String])
    case text(String)
  }

  private static let rules: [(id: String, keys: [(String, Value)])] = [
    (
      "a",
      [("keep", .plain("runs")), ("where", .plain("pinned or mAP50 ?? 0 > 0.8")), ("because", .text("they # count"))]
    ),
    ("b", [("trash", .plain("runs")), ("where", .plain("state == failed")), ("after", .plain("1d"))]),
    ("c", [("keep", .plain("runs")), ("per", .list(["user", "project"])), ("latest", .plain("3"))]),
    ("d", [("protect", .plain("runs")), ("where", .plain("state == running")), ("because", .text("busy"))]),
    ("e", [("backup", .plain("runs")), ("where", .plain("mAP50 > 0.9"))]),
  ]

  /// A policy that loads.
  mutating func file() -> String {
    if dice.chance(10) { return braces() }
    var blocks = [0, 1, 2, 3, 4]
    if dice.chance(70) { blocks.shuffle(using: &dice) }
    for block in blocks {
      free([0, 0, 0, 2, 4])
      if dice.chance(30) { lines.append("") }
      switch block {
      case 0: lines.append("version: 1" + beside("free"))
      case 1:
        write("roots", dice.chance(50) ? .list(["/runs", "/more"]) : .list(["/runs"]), 0, "free")
      case 2: lines.append("trash: { purge_after: 1d }" + beside("free"))
      case 3: lines.append("backup:" + beside("free") + "\n  to: /mnt/b")
      default: rules()
      }
    }
    free([0, 0, 2, 4, 6])
    free([0, 2])
    return lines.joined(separator: "\n") + dice.pick(["", "\n", "\n\n\n"])
  }

  private mutating func rules() {
    lines.append("rules:" + beside("free"))
    var rules = Self.rules
    rules.shuffle(using: &dice)
    let dash = dice.pick([0, 0, 2, 4])
    for rule in rules.prefix(1 + dice.below(rules.count)) {
      free([0, dash, dash, dash + 2, dash + 4])
      if dice.chance(20) { lines.append("") }
      var keys = [("id", Value.plain(rule.id))] + rule.keys
      if dice.chance(60) { keys.shuffle(using: &dice) }
      let width = dice.pick([2, 2, 4])
      let inner = dash + width
      var isOnDash = true
      if dice.chance(25) {
        isOnDash = false
        lines.append(spaces(dash) + "-" + beside("of \(rule.id)"))
        while dice.chance(25) {
          lines.append(spaces(dice.pick([dash, dash + 1, inner, inner + 2])) + comment("of \(rule.id)"))
        }
      }
      for (index, key) in keys.enumerated() {
        if index > 0 || !isOnDash {
          while index > 0, dice.chance(12) {
            lines.append(spaces(dice.pick([inner, inner, inner + 2])) + comment("of \(rule.id)"))
          }
          if dice.chance(6) { lines.append("") }
        }
        let first = lines.count
        write(key.0, key.1, inner, "of \(rule.id)")
        if index == 0, isOnDash {
          lines[first] = spaces(dash) + "-" + spaces(width - 1) + lines[first].dropFirst(inner)
        }
        while dice.chance(8) { lines.append(spaces(inner + 1 + dice.below(3)) + comment("of \(rule.id)")) }
      }
    }
  }

  /// A key with its value; more comments between and below them.
  private mutating func write(_ key: String, _ value: Value, _ column: Int, _ owner: String) {
    let margin = spaces(column)
    switch value {
    case .plain(let text):
      switch dice.below(10) {
      // An id stays where `strays` reads it.
      case 0 where key != "id":
        lines += [margin + key + ":" + beside(owner, 60)] + between(column, owner) + [margin + "  " + text]
      case 1 where text.contains(" "):
        let cut = text.firstIndex(of: " ") ?? text.startIndex
        lines += ["\(margin)\(key): \"\(text[..<cut])", "\(margin)   \(text[cut...])\"" + beside(owner)]
      case 2 where !text.contains(" "): lines.append("\(margin)\"\(key)\": '\(text)'" + beside(owner))
      default: lines.append("\(margin)\(key): \(text)" + beside(owner))
      }
    case .list(let items):
      switch dice.below(4) {
      case 0:
        lines.append("\(margin)\(key):" + beside(owner))
        let inner = spaces(column + dice.pick([0, 2]))
        for item in items { lines.append("\(inner)- \(item)" + beside(owner)) }
      case 1:
        lines += ["\(margin)\(key):" + beside(owner, 60)] + between(column, owner)
        lines.append("\(margin)  [\(items.joined(separator: ", "))]" + beside(owner))
      case 2:
        lines.append("\(margin)\(key): [" + beside(owner))
        for item in items { lines.append("\(margin)    \(item)," + beside(owner)) }
        lines.append("\(margin)  ]" + beside(owner))
      default: lines.append("\(margin)\(key): [\(items.joined(separator: ", "))]" + beside(owner))
      }
    case .text(let text):
      let depth = 1 + dice.below(5)
      let header = dice.pick(["|", ">", "|-", ">+", "|+", "|\(depth)", ">\(depth)-", "|  \(comment(owner))"])
      lines.append("\(margin)\(key): \(header)")
      lines += ["\(margin)\(spaces(depth))\(text)", "\(margin)\(spaces(depth))  and so on"]
      if dice.chance(30) { lines += ["", "\(margin)\(spaces(depth))at last"] }
      if depth > 1 { under(column, owner) }
    }
  }

  /// A comment less far in than the text above it, which therefore ends.
  private mutating func under(_ column: Int, _ owner: String) {
    if dice.chance(40) { lines.append(spaces(column + 1) + comment(owner)) }
  }

  private mutating func between(_ column: Int, _ owner: String) -> [String] {
    var found: [String] = []
    while dice.chance(30) { found.append(spaces(dice.pick([column + 1, column + 2, 0])) + comment(owner)) }
    return found
  }

  private mutating func free(_ columns: [Int]) {
    while dice.chance(25) {
      lines.append(spaces(dice.pick(columns)) + comment("free"))
      if dice.chance(30) { lines.append("") }
    }
  }

  private mutating func beside(_ owner: String, _ percent: Int = 12) -> String {
    dice.chance(percent) ? spaces(1 + dice.below(3)) + comment(owner) : ""
  }

  private mutating func comment(_ owner: String) -> String {
    number += 1
    return "# \(owner) \(number)"
  }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

  /// All of it in one pair of braces.
  private mutating func braces() -> String {
    var pairs = ["version: 1", "roots: [/runs]", "\"trash\": {purge_after: 1d}"]
    pairs.append("rules: [{id: a, keep: runs, where: pinned}, {id: b, trash: runs, where: state == failed}]")
    pairs.shuffle(using: &dice)
    var text = ""
    let isOnOneLine = dice.chance(30)
    let end = { (author: inout LayoutAuthor) -> String in
      var end = isOnOneLine ? "" : author.beside("free", 30) + "\n"
      while !isOnOneLine, author.dice.chance(20) {
        end += author.spaces(author.dice.below(5)) + author.comment("free") + "\n"
        if author.dice.chance(20) { end += "\n" }
      }
      return end
    }
    if !isOnOneLine { text += dice.chance(20) ? comment("free") + "\n" : "" }
    text += "{" + end(&self)
    for (index, pair) in pairs.enumerated() {
      let comma = index < pairs.count - 1 || (!isOnOneLine && dice.chance(20)) ? "," : ""
      text += (isOnOneLine ? " " : spaces(1 + dice.below(4))) + pair + comma + end(&self)
    }
    return text + "}" + beside("free", 40) + dice.pick(["", "\n", "\n\n"])
      + (dice.chance(20) ? "\n" + comment("free") : "")
  }

  // MARK: - What came of it

  /// All comments of a text, sorted.
  static func comments(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { (line: Substring) in owned(line).map { "\($0.owner) \($0.number)" } }
      .sorted()
  }

  private static func owned(_ line: Substring) -> (owner: String, number: Int, column: Int)? {
    for mark in ["# of ", "# free "] {
      guard let place = line.ranges(of: mark).last else { continue }
      let words = line[line.index(after: place.lowerBound)...].split(separator: " ").map(String.init)
      guard let number = words.last.flatMap({ Int($0) }) else { continue }
      return (words.dropLast().last ?? "", number, line.distance(from: line.startIndex, to: place.lowerBound))
    }
    return nil
  }

  /// Comments of a formatted text that stand with another rule than theirs.
  static func strays(_ text: String) -> [String] {
    var strays: [String] = []
    var rule = ""
    // Before an item at its dash: of the next, unless an empty line follows.
    var waiting: [(owner: String, number: Int)] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty {
        strays += waiting.filter { $0.owner != rule }.map { "\($0)" }
        waiting = []
        continue
      }
      if line.hasPrefix("  - id: ") {
        rule = String(line.dropFirst("  - id: ".count).prefix(1))
      } else if line.hasPrefix("  - \"id\": '") {
        rule = String(line.dropFirst("  - \"id\": '".count).prefix(1))
      } else if line.hasPrefix("  - id:") || line.first?.isLetter == true {
        rule = "?"
      }
      if line.hasPrefix("  - ") {
        if rule != "?" { strays += waiting.filter { $0.owner != rule }.map { "\($0)" } }
        waiting = []
      }
      guard let comment = owned(line), comment.owner != "free" else { continue }
      if comment.column == 2, line.hasPrefix("  #") {
        waiting.append((comment.owner, comment.number))
      } else if rule != "?", comment.owner != rule {
        strays.append("\(comment)")
      }
    }
    return strays
  }
}
