internal import PolicyCore
internal import Testing

@testable internal import PolicyReport

struct DisplayTextTests {
  @Test(arguments: [
    ("exp3", "exp3"), ("a\nb", "a\\nb"), ("\u{1B}[2J", "\\x1b[2J"), ("a\\b", "a\\\\b"), ("\u{202E}gnp", "\\u{202e}gnp"),
    ("\u{200B}", "\\u{200b}"), ("特征级融合", "特征级融合"), ("a\u{85}b", "a\\u{85}b"), ("a b", "a b"), ("\u{7F}", "\\x7f"),
  ])
  func `shows what is there`(name: String, shown: String) { #expect(DisplayText.escape(name) == shown) }

  @Test func `bytes that are no text are shown one by one`() {
    #expect(
      DisplayText.escape(ByteString([0x61, 0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80])) == "a\\xff\\xc3(\\xed\\xa0\\x80")
  }

  @Test func `no bytes whatever reach the terminal raw`() {
    var state: UInt64 = 42
    for _ in 0..<20_000 {
      var bytes: [UInt8] = []
      for _ in 0..<12 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes.append(UInt8(truncatingIfNeeded: state >> 33))
      }
      let shown = DisplayText.escape(ByteString(bytes))
      #expect(
        shown.unicodeScalars.allSatisfy {
          $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
        })
    }
  }

  @Test func `different names look different`() {
    let composed = DisplayText.escape(ByteString(Array("caf\u{E9}".utf8)))
    let decomposed = DisplayText.escape(ByteString(Array("cafe\u{301}".utf8)))
    #expect(Array(composed.utf8) != Array(decomposed.utf8))
    #expect(DisplayText.escape("\\n") != DisplayText.escape("\n"))
  }

  @Test(arguments: [("abc", 3), ("特征", 4), ("e\u{301}", 1), ("🚀", 2), ("ａ", 2), ("", 0)])
  func `counts columns`(text: String, columns: Int) { #expect(DisplayText.width(text) == columns) }

  @Test func `cuts and pads by columns`() {
    #expect(DisplayText.truncate("特征级融合", to: 5) == "特征…")
    #expect(DisplayText.pad("特", to: 4) == "特  ")
    #expect(DisplayText.wrap("one two three", to: 7) == ["one two", "three"])
  }

  @Test func `sizes have three digits at the most`() {
    #expect(Quantities.size(0) == "0 B")
    #expect(Quantities.size(1023) == "1023 B")
    #expect(Quantities.size(1024) == "1.0 KiB")
    #expect(Quantities.size(16_106_127_360) == "15.0 GiB")
    #expect(Quantities.size(.max) == "8191 PiB")
  }

  /// Nearly every text is broken by its bytes; that is told by nothing but the time it takes.
  @Test func breakingByBytesIsBreaking() {
    var state: UInt64 = 7
    func below(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let letters = ["a", "b", ".", " ", " ", "\u{A0}", "7", "é", "中", "\u{C2}"]
    for round in 0..<4000 {
      let kinds = round % 4 == 0 ? letters.count : 7
      let text = (0..<below(60)).map { _ in letters[below(kinds)] }.joined()
      let columns = 1 + below(30)
      #expect(DisplayText.wrap(text, to: columns) == DisplayText.broken(text, to: columns).map(DisplayText.untied))
    }
  }
}
