import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import PolicyYAML
import Testing

/// Whatever the text, reading ends with a condition or a message, and never with a trap.
@Suite struct ConditionFuzzTests {
  static let executions = 8_000

  private static let soup = [
    "mAP50", "mAP50-95", "run.mAP50", "last.mAP50", "state", "pinned", "tags", "age", "age(", "finished_at", "bytes",
    "name", "and", "or", "not", "in", "is", "missing", "matches", "has", "true", "false", "first", "last", "asc",
    "desc",
    "(", ")", "[", "]", ",", "??", "?", "<", "<=", ">", ">=", "==", "!=", "=", "!", "&&", "||", "~", "\"", "'", "\\",
    "$",
    "$week", "$nope", "${", "}", "0", "0.8", "80%", "-1", "24h", "1d12h", "10GiB", "10G", "3M", "2026-01-01",
    "2026-01-01T08:00Z", "99999999999999999999999999999999999999999999", "1e999999", "-", ".", ".5", "#", "*", "/", "%",
    "failed", "killed", "\"x\"", "'y'", "é", "\u{A0}", "“", "\u{200B}", "AND", "null", "contains", "between", "\n",
    "\t",
    "\0", "e\u{301}", "😀", "≥", "−",
  ]

  private func check(
    _ bytes: [UInt8], _ style: ScalarText.Style = .singleQuoted, reads: inout (right: Int, wrong: Int)
  ) {
    let comment =
      style == .plain ? ConditionFixture.base + bytes.count + 1..<ConditionFixture.base + bytes.count + 4 : nil
    let text = ConditionFixture.scalar(bytes, style: style, comment: comment)
    let shown = Comment(rawValue: String(decoding: bytes, as: UTF8.self))
    for kind in [EntityKind.run, .checkpoint] {
      let context = ConditionFixture.context(kind)
      var diagnostics: [Diagnostic] = []
      if let read = ConditionParser.parse(text, context, &diagnostics) {
        reads.right += 1
        #expect(!diagnostics.contains { $0.severity == .error }, shown)
        #expect(read.nodeSpans.count == ConditionFixture.nodeCount(read.condition), shown)
        let again = ConditionPrinter.text(read.condition)
        var none: [Diagnostic] = []
        #expect(
          ConditionParser.parse(ConditionFixture.scalar(again), context, &none)?.condition == read.condition, shown)
      } else {
        reads.wrong += 1
        #expect(diagnostics.contains { $0.severity == .error }, shown)
      }
      var ofOrder: [Diagnostic] = []
      let key = ConditionParser.parseOrderKey(text, context, &ofOrder)
      #expect((key == nil) == ofOrder.contains { $0.severity == .error }, shown)
      for diagnostic in diagnostics + ofOrder { checkPlaces(diagnostic, bytes.count, shown) }
    }
    checkLiterals(text, shown)
  }

  private func checkPlaces(_ diagnostic: Diagnostic, _ count: Int, _ shown: Comment) {
    let whole = ConditionFixture.base...ConditionFixture.base + count
    guard let span = diagnostic.span else {
      Issue.record("a message without a place: \(diagnostic.message)")
      return
    }
    #expect(whole.contains(span.range.lowerBound) && whole.contains(span.range.upperBound), shown)
    #expect(!diagnostic.message.isEmpty && diagnostic.help != nil, shown)
  }

  private func checkLiterals(_ text: ScalarText, _ shown: Comment) {
    func expect<Value>(_ value: Value?, _ diagnostics: [Diagnostic]) {
      #expect((value == nil) == (diagnostics.count == 1) && diagnostics.count <= 1, shown)
    }
    let params = ConditionFixture.params
    var d: [[Diagnostic]] = Array(repeating: [], count: 8)
    expect(LiteralParser.duration(text, params: params, &d[0]), d[0])
    expect(LiteralParser.size(text, params: params, &d[1]), d[1])
    expect(LiteralParser.ratio(text, params: params, &d[2]), d[2])
    expect(LiteralParser.integer(text, params: params, &d[3]), d[3])
    expect(LiteralParser.count(text, params: params, &d[4]), d[4])
    expect(LiteralParser.sizeLimit(text, params: params, &d[5]), d[5])
    expect(LiteralParser.date(text, params: params, &d[6]), d[6])
    expect(LiteralParser.untyped(text, &d[7]), d[7])
  }

  @Test func tokenSoup() {
    var numbers = SeededNumbers(seed: 1)
    var reads = (right: 0, wrong: 0)
    for _ in 0..<Self.executions {
      var text = ""
      for _ in 0..<1 + Int(numbers.next() % 12) {
        text += Self.soup[Int(numbers.next() % UInt64(Self.soup.count))]
        if numbers.next() % 3 != 0 { text += " " }
      }
      check(Array(text.utf8), numbers.next() % 2 == 0 ? .plain : .singleQuoted, reads: &reads)
    }
    print("\(Self.executions) token soups: \(reads.right) right, \(reads.wrong) wrong")
    #expect(reads.right > 0 && reads.wrong > 0)
  }

  /// Right conditions with a few bytes changed, dropped or doubled: near misses, where messages are written.
  @Test func spoiltConditions() {
    var numbers = SeededNumbers(seed: 2)
    var generator = ConditionGenerator(seed: 3, kind: .run)
    var reads = (right: 0, wrong: 0)
    for _ in 0..<Self.executions / 4 {
      var bytes = Array(ConditionPrinter.text(generator.condition(2)).utf8)
      for _ in 0..<1 + Int(numbers.next() % 3) where !bytes.isEmpty {
        let index = Int(numbers.next() % UInt64(bytes.count))
        switch numbers.next() % 3 {
        case 0: bytes.remove(at: index)
        case 1: bytes.insert(bytes[index], at: index)
        default: bytes[index] = UInt8(32 + numbers.next() % 95)
        }
      }
      check(Array(String(decoding: bytes, as: UTF8.self).utf8), reads: &reads)
    }
    print("\(Self.executions / 4) spoilt conditions: \(reads.right) right, \(reads.wrong) wrong")
    #expect(reads.right > 0 && reads.wrong > 0)
  }

  /// Bytes that are no UTF-8 too, although the YAML reader lets none through.
  @Test func randomBytes() {
    var numbers = SeededNumbers(seed: 4)
    var reads = (right: 0, wrong: 0)
    for _ in 0..<Self.executions / 2 {
      let bytes = (0..<Int(numbers.next() % 40)).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
      check(bytes, reads: &reads)
    }
    print("\(Self.executions / 2) random texts: \(reads.right) right, \(reads.wrong) wrong")
    #expect(reads.wrong > 0)
  }

  /// The longest texts that are read, in the shapes that grow.
  @Test func longTexts() {
    var reads = (right: 0, wrong: 0)
    let shapes = [
      "(", "not ", "pinned and ", "pinned or ", "[", "a.", "1", "\"", "$a", "mAP50 in [0.1, ", "!", "=", "é", "?", "/",
    ]
    for shape in shapes {
      let count = ConditionParser.maximumLength / shape.utf8.count
      check(Array(String(repeating: shape, count: count).utf8), reads: &reads)
      check(Array((String(repeating: shape, count: count - 10) + "pinned").utf8), reads: &reads)
    }
    let many = Array(repeating: "pinned", count: 2000)
    check(Array(many.joined(separator: " or ").utf8), reads: &reads)
    check(
      Array(("state in [" + Array(repeating: "failed", count: 2000).joined(separator: ",") + "]").utf8), reads: &reads)
    print("\(shapes.count * 2 + 2) long texts: \(reads.right) right, \(reads.wrong) wrong")
    #expect(reads.right > 0 && reads.wrong > 0)
  }
}
