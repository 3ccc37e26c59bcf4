internal import PolicyCore
internal import PolicyFormats
internal import Testing

@Suite struct EscapedNameTests {
  @Test(
    arguments: [
      ([0x61, 0xFF], "a\\xff", true), ([0x61, 0x5C, 0xFF], "a\\\\\\xff", true),
      ([0x5C, 0x78, 0x66, 0x66], "\\xff", false),
      ([0xC3, 0xA9], "é", false), ([0xC3, 0xA9, 0xC3], "é\\xc3", true), ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80", true),
      ([], "", false),
    ] as [([UInt8], String, Bool)])
  func escapes(_ bytes: [UInt8], _ text: String, _ isEscaped: Bool) {
    let escaped = EscapedName.escape(ByteString(bytes))
    #expect(Array(escaped.text.utf8) == Array(text.utf8))
    #expect(escaped.isEscaped == isEscaped)
    #expect(EscapedName.unescape(text, isEscaped: isEscaped) == ByteString(bytes))
  }

  @Test(arguments: ["\\", "a\\x", "\\xf", "\\xFF", "\\xgg", "\\n", "\\\\\\"]) func refuses(_ text: String) {
    #expect(EscapedName.unescape(text, isEscaped: true) == nil)
  }

  @Test func generatedNamesRoundTripAndStayApart() {
    var random = SeededGenerator(seed: 5)
    var names: [String: ByteString] = [:]
    for _ in 0..<20_000 {
      let name = random.name()
      let (text, isEscaped) = EscapedName.escape(name)
      #expect(EscapedName.unescape(text, isEscaped: isEscaped) == name)
      #expect(isEscaped == (name.utf8Text == nil))
      // Swift's String keys merge composed and decomposed letters, so the bytes are the key.
      let key = "\(isEscaped) \(Array(text.utf8))"
      #expect(names[key] == nil || names[key] == name)
      names[key] = name
    }
    #expect(names.count > 1000)
  }
}
