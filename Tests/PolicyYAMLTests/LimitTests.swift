internal import PolicyDiagnostics
internal import PolicyYAML
internal import Testing

/// What is too large, too deep or too much is refused with a message of its own, and quickly: before anything is built.
struct LimitTests {
  static func nested(_ depth: Int, _ open: String, _ close: String, _ core: String) -> String {
    String(repeating: open, count: depth) + core + String(repeating: close, count: depth) + "\n"
  }

  static func blockNested(_ depth: Int) -> String {
    (0..<depth).map { String(repeating: " ", count: $0) + "k:\n" }.joined() + String(repeating: " ", count: depth)
      + "v\n"
  }

  @Test func `64 levels pass and 65 do not`() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
      #expect(Reading(Self.nested(64, open, close, "x")).codes == [], "\(open)")
      #expect(Reading(Self.nested(65, open, close, "x")).codes == ["P0022"], "\(open)")
    }
    #expect(Reading(Self.blockNested(64)).codes == [])
    #expect(Reading(Self.blockNested(65)).codes == ["P0022"])
    let reading = Reading(Self.nested(65, "[", "]", "x"))
    #expect(reading.diagnostics.first?.span?.range == 64..<65)
    #expect(reading.root == nil)
  }

  @Test func `100,000 nodes pass and one more does not`() {
    // A sequence counts itself.
    let items = String(repeating: "x,", count: 99_999)
    #expect(Reading("[\(items)]\n").codes == [])
    #expect(Reading("[\(items)x]\n").codes == ["P0023"])
  }

  @Test func `a mebibyte passes and one byte more does not`() {
    let comment = "a: 1 #" + String(repeating: "x", count: 1 << 20)
    #expect(Reading(Array(comment.utf8.prefix(1 << 20))).codes == [])
    #expect(Reading(Array(comment.utf8.prefix((1 << 20) + 1))).codes == ["P0023"])
  }

  @Test(arguments: ["[", "{", "- ", "? ", "{a: ", "[[", "&a ", "!t ", "\"", "'a", "|\n", "a:\n ", "*a ", "%", "}", ","])
  func `200 KB of one thing`(_ piece: String) {
    let reading = Reading(String(repeating: piece, count: 200_000 / piece.utf8.count))
    #expect(!reading.codes.isEmpty)
    #expect(reading.codes.count <= 200_000)
    #expect(reading.fault == nil)
  }

  @Test func `ten megabytes of brackets`() {
    let reading = Reading([UInt8](repeating: UInt8(ascii: "["), count: 10 << 20))
    #expect(reading.codes == ["P0023"])
    #expect(reading.root == nil)
  }

  @Test func `a billion laughs are not told`() {
    var text = "a: &a [x]\n"
    for (before, now) in zip("abcdefgh", "bcdefghi") {
      text += "\(now): &\(now) [" + String(repeating: "*\(before), ", count: 9) + "*\(before)]\n"
    }
    let reading = Reading(text)
    #expect(Set(reading.codes) == ["P0007"])
    #expect(reading.codes.count == 9 + 8 * 10)
  }
}
