internal import PolicyDiagnostics
internal import PolicyYAML
internal import Testing

/// Every byte of a value knows the byte of the file that it came from, in every style of writing.
struct OffsetTests {
  /// A value, how it is written, and for each byte of the value the offset in the writing.
  private struct Written {
    var text: [UInt8] = []
    var value: [UInt8] = []
    var offsets: [Int] = []

    mutating func raw(_ piece: String) { text += Array(piece.utf8) }

    /// Written as it is.
    mutating func plain(_ piece: String) {
      for byte in piece.utf8 {
        offsets.append(text.count)
        value.append(byte)
        text.append(byte)
      }
    }

    /// Written as something else.
    mutating func escaped(_ piece: String, as writing: String) {
      for byte in piece.utf8 {
        offsets.append(text.count)
        value.append(byte)
      }
      raw(writing)
    }
  }

  private static let words = [
    "mAP50", ">", "0.8", "and", "中文", "é", "e\u{301}", "🚀", "x", "-", "名前/exp*", "not", "(a)", "~", "80%", "a:b", "a#b",
  ]

  private static func check(_ written: Written, _ label: String) -> Bool {
    let reading = Reading(written.text)
    guard case .mapping(let pairs)? = reading.root?.content, let pair = pairs.first,
      case .scalar(let scalar) = pair.value.content
    else {
      Issue.record("\(label): no scalar in \(String(decoding: written.text, as: UTF8.self).debugDescription)")
      return false
    }
    let isRight = scalar.bytes == written.value && Array(scalar.offsets.dropLast()) == written.offsets
    if !isRight || reading.fault != nil {
      Issue.record(
        """
        \(label): \(String(decoding: written.text, as: UTF8.self).debugDescription)
        value \(String(decoding: scalar.bytes, as: UTF8.self).debugDescription), offsets \(scalar.offsets)
        expected \(String(decoding: written.value, as: UTF8.self).debugDescription), \(written.offsets)
        \(reading.fault ?? "")
        """)
    }
    return isRight
  }

  private static func prefix(_ random: inout SeededGenerator) -> Written {
    var written = Written()
    if random.below(4) == 0 { written.raw("\u{feff}") }
    if random.below(3) == 0 { written.raw("# 评论 é\n") }
    if random.below(4) == 0 { written.raw("# crlf\r\n") }
    return written
  }

  /// A line break as some editor writes it.
  private static func lineBreak(_ random: inout SeededGenerator) -> String { random.pick(["\n", "\n", "\r\n"]) }

  @Test func `plain, folded over lines`() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<400 * longFactor {
      var written = Self.prefix(&random)
      written.raw("where: ")
      written.plain("v")
      for _ in 0..<random.below(6) {
        Self.join(&written, &random)
        written.plain(random.pick(Self.words.filter { $0 != "-" }))
      }
      written.raw(random.pick(["\n", "", " \n", "  # comment\n"]))
      if !Self.check(written, "plain") { return }
    }
  }

  /// One blank, or line breaks with any indentation: one is a space, n are n − 1 line feeds.
  private static func join(_ written: inout Written, _ random: inout SeededGenerator) {
    guard random.below(3) == 0 else { return written.plain(" ") }
    let count = 1 + random.below(3)
    written.raw(random.pick(["", " ", "  "]))
    for index in 0..<count {
      let writing = lineBreak(&random)
      if count == 1 {
        written.escaped(" ", as: writing)
      } else if index > 0 {
        written.escaped("\n", as: writing)
      } else {
        written.raw(writing)
      }
    }
    written.raw(random.pick(["  ", "   ", "      "]))
  }

  @Test func `single-quoted`() {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<400 * longFactor {
      var written = Self.prefix(&random)
      written.raw("where: '")
      written.plain("v")
      for _ in 0..<random.below(6) {
        if random.below(4) == 0 { written.escaped("'", as: "''") }
        Self.join(&written, &random)
        written.plain(random.pick(Self.words + ["\"", "\\", "#", ": "]) + "x")
      }
      written.raw("'\n")
      if !Self.check(written, "single-quoted") { return }
    }
  }

  @Test func `double-quoted, with every kind of escape`() {
    let escapes: [(String, String)] = [
      ("\n", "\\n"), ("\t", "\\t"), ("\"", "\\\""), ("\\", "\\\\"), ("A", "\\x41"), ("中", "\\u4e2d"),
      ("🚀", "\\U0001F680"),
      ("\u{85}", "\\N"), ("\u{a0}", "\\_"), ("\u{2028}", "\\L"), ("\u{1b}", "\\e"), ("/", "\\/"), ("\u{e9}", "\\xE9"),
      ("\u{0}", "\\0"), (" ", "\\ "),
    ]
    var random = SeededGenerator(seed: 3)
    for _ in 0..<600 * longFactor {
      var written = Self.prefix(&random)
      written.raw("where: \"")
      written.plain("v")
      for _ in 0..<random.below(6) {
        if random.below(2) == 0 {
          let (value, writing) = random.pick(escapes)
          written.escaped(value, as: writing)
        }
        switch random.below(4) {
        case 0: written.raw("\\" + Self.lineBreak(&random) + "    ")
        default: Self.join(&written, &random)
        }
        written.plain(random.pick(Self.words + ["'", "#", ": "]) + "x")
      }
      written.raw("\"\n")
      if !Self.check(written, "double-quoted") { return }
    }
  }

  @Test func `literal blocks: indentation indicators and chomping`() {
    var random = SeededGenerator(seed: 4)
    for _ in 0..<600 * longFactor {
      var written = Self.prefix(&random)
      let (indent, chomping) = (1 + random.below(4), random.pick(["", "-", "+"]))
      let explicit = random.below(2) == 0
      written.raw("where: |" + (explicit ? "\(indent)" : "") + chomping + random.pick(["", " # why", "  "]))
      written.raw(Self.lineBreak(&random))
      let lines = 1 + random.below(4)
      let trailing = random.below(3)
      for line in 0..<lines {
        written.raw(String(repeating: " ", count: indent))
        // Only an indicator lets the first line begin with a blank.
        if (line > 0 || explicit), random.below(3) == 0 { written.plain("  ") }
        written.plain(random.pick(Self.words) + " #x")
        let isLast = line == lines - 1
        let writing = Self.lineBreak(&random)
        if isLast, chomping == "-" { written.raw(writing) } else { written.escaped("\n", as: writing) }
        if !isLast, random.below(4) == 0 { written.escaped("\n", as: Self.lineBreak(&random)) }
      }
      for _ in 0..<trailing {
        let writing = Self.lineBreak(&random)
        if chomping == "+" { written.escaped("\n", as: writing) } else { written.raw(writing) }
      }
      if random.below(2) == 0 { written.raw("next: 1\n") }
      if !Self.check(written, "literal") { return }
    }
  }

  @Test func `folded blocks`() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<600 * longFactor {
      var written = Self.prefix(&random)
      let chomping = random.pick(["", "-", "+"])
      written.raw("where: >" + chomping + "\n")
      let lines = 1 + random.below(5)
      for line in 0..<lines {
        written.raw("  ")
        written.plain(random.pick(Self.words))
        let isLast = line == lines - 1
        if isLast {
          if chomping == "-" { written.raw("\n") } else { written.escaped("\n", as: "\n") }
        } else if random.below(3) == 0 {
          // An empty line: the first break goes, every further one is a line feed.
          let count = 1 + random.below(2)
          written.raw("\n")
          for _ in 0..<count { written.escaped("\n", as: "\n") }
        } else {
          written.escaped(" ", as: "\n")
        }
      }
      if !Self.check(written, "folded") { return }
    }
  }

  @Test func `what a span underlines`() {
    let reading = Reading("a: [x, 'y z', \"中\\n\"]   # c\nb: |\n  l1\n  l2\n\nc: {k: v}\n")
    guard case .mapping(let pairs)? = reading.root?.content else { return #expect(Bool(false)) }
    func text(_ node: YAMLNode) -> String { String(decoding: reading.source.bytes[node.span.range], as: UTF8.self) }
    #expect(pairs.map { text($0.key) } == ["a", "b", "c"])
    #expect(pairs.map { text($0.value) } == ["[x, 'y z', \"中\\n\"]", "|\n  l1\n  l2", "{k: v}"])
    guard case .sequence(let items) = pairs[0].value.content else { return #expect(Bool(false)) }
    #expect(items.map(text) == ["x", "'y z'", "\"中\\n\""])
  }
}
