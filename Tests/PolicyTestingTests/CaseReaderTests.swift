import PolicyCore
import PolicyDiagnostics
import PolicyTesting
import Testing

@Suite struct CaseReaderTests {
  static func read(_ text: String) -> (file: CaseFile?, messages: [String]) {
    let source = SourceText(path: "cases.yaml", bytes: Array(text.utf8))
    let (file, diagnostics) = CaseReader.read(source, schema: FactSchema())
    return (
      file,
      diagnostics.map { diagnostic in
        let place = diagnostic.span.map { source.position(at: $0.range.lowerBound) }
        return "\(place?.line ?? 0):\(place?.column ?? 0) \(diagnostic.code) \(diagnostic.message)"
      }
    )
  }

  static func one(_ body: String) -> (file: CaseFile?, messages: [String]) {
    read("version: 1\npolicy: p.yaml\ncases:\n  - name: a\n    now: 2027-01-15T08:00:00Z\n" + body)
  }

  /// A wrong moment hides nothing else.
  @Test func aWrongMomentIsOneMistakeAmongOthers() {
    let read = Self.read(
      "version: 1\npolicy: p.yaml\ncases:\n  - name: a\n    now: yesterday\n    runs: [{ path: a, mAP5O: 0.8 }]\n")
    #expect(read.file == nil)
    #expect(read.messages == ["5:10 P0451 `now` is a time", "6:23 P0454 `mAP5O` is no fact of runs"])
  }

  @Test func rangesCountBothWaysAndHitTheirEnds() throws {
    let file = try #require(
      Self.one(
        """
            runs:
              - { path: "{alice,bob}/r{1..3}", state: finished, age: "30d..25d", mAP50: "0.1..0.3", bytes: "1GiB..6GiB" }
        """
      ).file)
    let entities = file.cases[0].snapshot.entities
    #expect(
      entities.map(\.path.displayText) == ["alice/r1", "alice/r2", "alice/r3", "bob/r1", "bob/r2", "bob/r3"])
    #expect(entities[0].facts.fact("mAP50") == .value(.number("0.1")))
    #expect(entities[5].facts.fact("mAP50") == .value(.number("0.3")))
    #expect(entities[2].facts.fact("bytes") == .value(.integer(3 << 30)))
    let now = file.cases[0].snapshot.now.nanoseconds
    #expect(entities[0].facts.fact("finished_at") == .value(.integer(now - TimeSpan.days(30).nanoseconds)))
    #expect(entities[5].facts.fact("modified_at") == .value(.integer(now - TimeSpan.days(25).nanoseconds)))
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    let body: String
    let message: String
    var testDescription: String { message }
  }

  static let wrong: [Wrong] = [
    Wrong(
      body: "    runs: [{ path: \"d{1..99999999}\" }]\n",
      message: "6:20 P0451 `path` cannot be `d{1..99999999}`: that would be more than 100000 paths"),
    Wrong(
      body: "    runs: [{ path: \"{1..999}{1..999}\" }]\n",
      message: "6:20 P0451 `path` cannot be `{1..999}{1..999}`: that would be more than 100000 paths"),
    Wrong(
      body: "    runs: [{ path: \"d{1..3\" }]\n",
      message: "6:20 P0451 `path` cannot be `d{1..3`: the brace is not closed"),
    Wrong(body: "    runs: [{ path: a, mAP50: 1.4 }]\n", message: "6:30 P0451 `mAP50` cannot be `1.4`"),
    Wrong(body: "    runs: [{ path: a, epochs: -3 }]\n", message: "6:31 P0451 `epochs` cannot be `-3`"),
    Wrong(body: "    run: []\n", message: "6:5 P0450 unknown key `run` in a case"),
    Wrong(
      body: "    runs: [{ path: a, mAP5O: 0.8 }]\n", message: "6:23 P0454 `mAP5O` is no fact of runs"),
    Wrong(body: "    runs: [{ path: a, mAP50: high }]\n", message: "6:30 P0451 `mAP50` cannot be `high`"),
    Wrong(body: "    runs: [{ path: a, state: done }]\n", message: "6:30 P0451 `state` cannot be `done`"),
    Wrong(body: "    runs: [{ state: failed }]\n", message: "6:12 P0452 a fixture needs a path"),
    Wrong(body: "    runs: [{ path: a, age: 30 }]\n", message: "6:28 P0451 `age` cannot be `30`"),
    Wrong(
      body: "    runs: [{ path: a }, { path: a }]\n", message: "6:33 P0453 `a` is in the fixture twice"),
    Wrong(
      body: "    runs: [{ path: alice/a }]\n    expect: { trash: { alice/b: stale } }\n",
      message: "7:24 P0453 `alice/b` is not in the fixture"),
    Wrong(body: "    expect: { delete: {} }\n", message: "6:15 P0450 unknown key `delete` in `expect`"),
    Wrong(body: "    volumes: [{ path: / }]\n", message: "6:15 P0452 a volume needs `path`, `size` and `used`"),
  ]

  @Test(arguments: wrong) func saysWhatIsWrong(_ example: Wrong) {
    let (file, messages) = Self.one(example.body)
    #expect(file == nil)
    #expect(messages == [example.message])
  }

  @Test func aFileNeedsCasesAPolicyAndAVersion() {
    #expect(Self.read("version: 1\npolicy: p\ncases: []\n").messages == ["3:1 P0452 a file without cases"])
    #expect(Self.read("version: 2\npolicy: p\ncases: [{name: a, now: 2027-01-15}]\n").messages.count == 1)
    #expect(Self.read("policy: p\ncases: [{name: a, now: 2027-01-15}]\n").messages.count == 1)
    #expect(Self.read("version: 1\ncases: [{name: a, now: 2027-01-15}]\n").messages.count == 1)
  }
}
