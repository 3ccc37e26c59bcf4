internal import PolicyCore
internal import Testing

struct GlobTests {
  @Test(arguments: [
    ("*", "exp3", true), ("*", "a/b", false), ("**", "a/b", true), ("exp?", "exp3", true), ("exp?", "exp", false),
    ("?", "é", true), ("?", "/", false), ("*_high_mAP", "mid_high_mAP", true), ("*_high_mAP", "x_high_mAPs", false),
    ("a/*/c", "a/b/c", true), ("a/*/c", "a/b/b/c", false), ("a/**/c", "a/b/b/c", true), ("", "", true),
    ("", "a", false),
    ("a**", "a", true), ("*a*b*c*", "xxaxxbxxcxx", true), ("*a*b*c*", "xxaxxcxxbxx", false),
    ("exp*9", "exp19", true), ("exp*9", "exp8", false), ("exp*9", "ex9", false), ("ab*ba", "aba", false),
    ("exp", "expo", false),
    ("expo", "exp", false), ("*b", "*xb", true), ("a?", "a?b", false), ("?b", "?xb", false), ("b*", "bx*", true),
  ])
  func `matches whole names`(pattern: String, text: String, expected: Bool) {
    #expect(Glob(ByteString(pattern)).matches(ByteString(text)) == expected)
  }

  @Test func `bytes that are no text match one by one`() {
    #expect(Glob("ckpt_?").matches(ByteString(Array("ckpt_".utf8) + [0xFF])))
    #expect(!Glob("caf\u{E9}").matches("cafe\u{301}"))
  }

  @Test func `a bomb takes no longer than its size allows`() {
    let pattern = ByteString(String(repeating: "*a", count: 100) + "b")
    #expect(!Glob(pattern).matches(ByteString(String(repeating: "a", count: 2000))))
  }
}
