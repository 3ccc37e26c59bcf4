import PolicyCore
import PolicyDiagnostics
import PolicySyntax
import PolicyYAML
import Testing

/// Scalars outside conditions.
@Suite struct ConditionLiteralTests {
  private typealias Reader<Value> = (ScalarText, [String: TypedParam], inout [Diagnostic]) -> (
    Value, usedParam: String?
  )?

  /// Reads each text and compares; a mistake is told as `code: help`.
  private func check<Value: Equatable>(
    _ read: Reader<Value>, _ right: [(String, Value)], wrong: [(text: String, code: String, help: String)],
    location: SourceLocation = #_sourceLocation
  ) {
    for (text, value) in right {
      var diagnostics: [Diagnostic] = []
      let result = read(ConditionFixture.scalar(text, style: .plain), ConditionFixture.params, &diagnostics)
      #expect(result?.0 == value, "\(text)", sourceLocation: location)
      #expect(diagnostics.isEmpty, "\(text)", sourceLocation: location)
      #expect(result?.usedParam == (text.hasPrefix("$") ? String(text.dropFirst()) : nil), sourceLocation: location)
    }
    for (text, code, help) in wrong {
      var diagnostics: [Diagnostic] = []
      let result = read(ConditionFixture.scalar(text, style: .plain), ConditionFixture.params, &diagnostics)
      #expect(result == nil, "\(text)", sourceLocation: location)
      #expect(diagnostics.map(\.code) == [code], "\(text)", sourceLocation: location)
      let said = diagnostics.first.map { $0.message + "\n" + ($0.help ?? "") } ?? ""
      #expect(said.contains(help), "\(text): \(said)", sourceLocation: location)
    }
  }

  @Test func durations() {
    check(
      LiteralParser.duration,
      [
        ("24h", .hours(24)), ("1d12h", .hours(36)), ("1w2d3h4m5s", TimeSpan(nanoseconds: 788_645_000_000_000)),
        ("0s", .seconds(0)), (" 90m ", .minutes(90)), ("1h1h", .hours(2)), ("106751d", .days(106_751)),
        ("$week", .days(7)),
      ],
      wrong: [
        ("24", "P0202", "write `24h`, `24d` or `24w`"), ("24 h", "P0103", "write `24h`"),
        ("1.5h", "P0104", "write `1h30m`"),
        ("0.25d", "P0104", "write `6h`"), ("3M", "P0103", "write `90d`"), ("2mo", "P0103", "write `60d`"),
        ("2y", "P0103", "write `730d`"), ("24hours", "P0103", "write `24h`"), ("24x", "P0103", "unknown unit `x`"),
        ("-1h", "P0202", "never negative"), ("106752d", "P0104", "106751d"), ("10GiB", "P0202", "expected a duration"),
        ("soon", "P0202", "write a duration such as `24h`"), ("", "P0010", "expected a duration, found nothing"),
        ("$wek", "P0204", "did you mean `$week`?"), ("$quota", "P0202", "`$quota` is a size"),
        ("$recent", "P0202", "`$recent` is a whole number"), ("$", "P0100", "write `$name`"),
        ("$a b", "P0100", "write `$name`"), ("1d 12h", "P0103", "unknown unit"),
        ("99999999999999999999h", "P0104", "106751d"),
      ])
  }

  @Test func sizes() {
    check(
      LiteralParser.size,
      [
        ("50GiB", 50 << 30), ("1.5GiB", 3 << 29), ("10GB", 10_000_000_000), ("1KB", 1000), ("7B", 7), ("0B", 0),
        ("1e3KB", 1_000_000), ("0.3KiB", 307), ("8191PiB", 8191 << 50), ("$quota", 50 << 30),
      ],
      wrong: [
        ("50", "P0202", "write `50MB`, `50GB` or `50GiB`"), ("50G", "P0103", "`50GB` (powers of 1000) or `50GiB`"),
        ("50gb", "P0103", "write `50GB`"), ("5M", "P0103", "`5MB`"), ("0.5B", "P0104", "whole number of bytes"),
        ("9000PiB", "P0104", "too large"), ("-1GB", "P0202", "never negative"), ("24h", "P0202", "found a duration"),
        ("50%", "P0202", "expected a size, found a ratio"), ("50 GB", "P0103", "write `50GB`"),
      ])
  }

  @Test func ratios() {
    check(
      LiteralParser.ratio,
      [
        ("0.8", ExactDecimal(80).percent), ("80%", ExactDecimal(80).percent), ("0", .zero), ("1", ExactDecimal(1)),
        ("100%", ExactDecimal(1)), ("$good", ExactDecimal(80).percent),
      ],
      wrong: [
        ("80", "P0202", "did you mean `80%` or `0.8`?"), ("101%", "P0202", "from `0` to `1`, or"),
        ("200%", "P0202", "from `0` to `1`, or"),
        ("-1%", "P0202", "from `0` to `1`"),
        ("high", "P0202", "`80%`"), ("$eighty", "P0202", "did you mean `80%`"),
      ])
  }

  @Test func integersAndCounts() {
    check(
      LiteralParser.integer, [("3", 3), ("-3", -3), ("3e2", 300), ("3.0", 3), ("$recent", 3)],
      wrong: [
        ("3.5", "P0202", "whole number"), ("three", "P0202", "`3`"), ("99999999999999999999", "P0202", "whole number"),
      ])
    check(
      LiteralParser.count,
      [("3", .limited(3)), ("none", Count.none), ("all", .all), ("$recent", .limited(3))],
      wrong: [
        ("0", "P0202", "write `none`"), ("-1", "P0202", "write `none`"), ("1.5", "P0202", "whole number"),
        ("some", "P0202", "`none` or `all`"), ("", "P0010", "a count"), ("3x", "P0103", "unit"),
        ("$who", "P0202", "text"),
      ])
  }

  @Test func limitsAndDates() {
    check(
      LiteralParser.sizeLimit,
      [
        ("500GiB", .bytes(500 << 30)), ("20%", .share(ExactDecimal(20).percent)),
        ("$good", .share(ExactDecimal(80).percent)),
      ],
      wrong: [
        ("20", "P0202", "`20GiB`, or `20%`"), ("0.2", "P0202", "needs a unit"), ("120%", "P0202", "from 0% to 100%"),
        ("all", "P0202", "a size or a percentage"), ("$recent", "P0202", "`$recent` is a whole number"),
      ])
    check(
      LiteralParser.date,
      [
        ("2026-12-31", Timestamp(nanoseconds: 1_798_675_200_000_000_000)),
        ("1970-01-01T00:01Z", Timestamp(nanoseconds: 60_000_000_000)),
      ],
      wrong: [
        ("2026-02-30", "P0104", "is not a date"), ("2026-1-5", "P0104", "write `2026-01-05`"),
        ("20261231", "P0202", "date"),
        ("2026-01-01T00:00+01:00", "P0104", "UTC"), ("tomorrow", "P0202", "`2026-01-31`"),
      ])
  }

  @Test func blocksOfTextAreRefused() {
    var diagnostics: [Diagnostic] = []
    let read = LiteralParser.duration(ConditionFixture.scalar("24h\n", style: .folded), params: [:], &diagnostics)
    #expect(read == nil && diagnostics.map(\.code) == ["P0009"])
  }

  @Test func untypedValuesTellTheirType() {
    let right: [(String, ScalarText.Style, FactType, Constant)] = [
      ("3", .plain, .int, .number(ExactDecimal(3))), ("-3", .plain, .int, .number(ExactDecimal(-3))),
      ("0.8", .plain, .number, .number(ExactDecimal(80).percent)),
      ("1e3", .plain, .number, .number(ExactDecimal(1000))),
      ("80%", .plain, .ratio, .number(ExactDecimal(80).percent)),
      ("150%", .plain, .number, .number(ExactDecimal(150).percent)),
      ("24h", .plain, .duration, .duration(.hours(24))), ("50GiB", .plain, .bytes, .bytes(50 << 30)),
      ("2026-01-01", .plain, .time, .time(Timestamp(nanoseconds: 1_767_225_600_000_000_000))),
      ("true", .plain, .bool, .bool(true)), ("false", .plain, .bool, .bool(false)),
      ("no", .plain, .string, .text("no")),
      ("alice", .plain, .string, .text("alice")), ("exp*", .plain, .string, .text("exp*")),
      ("24h", .doubleQuoted, .string, .text("24h")), ("", .singleQuoted, .string, .text("")),
    ]
    for (text, style, type, constant) in right {
      var diagnostics: [Diagnostic] = []
      let read = LiteralParser.untyped(ConditionFixture.scalar(text, style: style), &diagnostics)
      #expect(read?.0 == type && read?.1 == constant && diagnostics.isEmpty, "\(text)")
    }
    for (text, code) in [
      ("10G", "P0103"), ("3M", "P0103"), ("null", "P0202"), ("~", "P0202"), ("$x", "P0202"), ("", "P0010"),
      ("-1h", "P0202"),
    ] {
      var diagnostics: [Diagnostic] = []
      #expect(LiteralParser.untyped(ConditionFixture.scalar(text, style: .plain), &diagnostics) == nil, "\(text)")
      #expect(diagnostics.map(\.code) == [code], "\(text)")
    }
  }

  /// What YAML readers make of these: truth, octal, sixty minutes, infinity. Here a key says what it takes.
  @Test func wordsAndNumbersAreNotThoseOfYAML() {
    for text in ["0o10", "0x10", "1_000", "1:30", ".inf", ".nan", "-.inf", "1e400", "yes", "on", "~", "null"] {
      var diagnostics: [Diagnostic] = []
      let scalar = ConditionFixture.scalar(text, style: .plain)
      #expect(LiteralParser.integer(scalar, params: [:], &diagnostics) == nil, "\(text)")
      #expect(LiteralParser.count(scalar, params: [:], &diagnostics) == nil, "\(text)")
      #expect(LiteralParser.duration(scalar, params: [:], &diagnostics) == nil, "\(text)")
      #expect(diagnostics.count == 3, "\(text): \(diagnostics.map(\.message))")
    }
    var diagnostics: [Diagnostic] = []
    // Decimal, whatever stands before it: never eight.
    #expect(LiteralParser.integer(ConditionFixture.scalar("010", style: .plain), params: [:], &diagnostics)?.0 == 10)
    #expect(diagnostics.isEmpty)
  }

  @Test func literalsAreSpelledShort() {
    let sizes: [(Int64, String)] = [
      (0, "0B"), (50 << 30, "50GiB"), (3 << 29, "1536MiB"), (10_000_000_000, "10GB"), (1, "1B"), (-1024, "-1KiB"),
      (.max, "9223372036854775807B"), (.min, "-8192PiB"),
    ]
    for (bytes, text) in sizes { #expect(LiteralPrinter.size(bytes) == text) }
    #expect(LiteralPrinter.duration(.hours(36)) == "1d12h")
    #expect(LiteralPrinter.date(Timestamp(nanoseconds: 0)) == "1970-01-01")
    #expect(LiteralPrinter.date(Timestamp(nanoseconds: 1_000_000_000)) == "1970-01-01T00:00:01Z")
    for (word, text) in [
      ("a", "a"), ("in", "\"in\""), ("root", "\"root\""), ("", "\"\""), ("2x", "\"2x\""), ("a.b", "\"a.b\""),
    ] {
      #expect(LiteralPrinter.word(ByteString(word)) == text)
    }
  }

  @Test func nearestWords() {
    let words = ["mAP50", "mAP50-95", "state", "started_at", "finished_at", "bytes", "epochs", "age", "user"]
    let near: [(String, String?)] = [
      ("mAP5O", "mAP50"), ("map50", "mAP50"), ("mAP50_95", "mAP50-95"), ("stat", "state"), ("sttae", "state"),
      ("finishedAt", "finished_at"), ("byte", "bytes"), ("usr", "user"), ("aeg", "age"), ("zzz", nil), ("", nil),
      ("xyz", nil), ("state", nil), (String(repeating: "a", count: 5000), nil),
    ]
    for (word, meant) in near { #expect(Spelling.nearest(word, among: words) == meant, "\(word.prefix(20))") }
    #expect(Spelling.nearest("ab", among: ["ac", "aB"]) == "aB")
    #expect(Spelling.nearest("abcd", among: ["abcf", "abce"]) == "abce")
  }
}
