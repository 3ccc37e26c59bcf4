internal import Testing

/// The reading of pages is strict where it must be: only times and digests may differ.
struct PageTests {
  @Test(arguments: [
    ("plan 69d4c1ee7bc9", "plan ea14831f230d"),
    ("yolofuse  at 2026-11-24 04:56Z", "yolofuse  at 2027-01-02 23:59Z"),
    ("goes 2026-11-25 05:00Z, moved by plan a25b23e4c435", "goes 2026-01-01 00:00Z, moved by plan 05935bebfcc1"),
    ("ends with blanks  ", "ends with blanks"),
    ("… of 13 (keeps 3)", "recent 7th of 13 (keeps 3)"),
  ])
  func `what may differ, may`(expected: String, actual: String) { #expect(Page.matches([expected], [actual])) }

  @Test(arguments: [
    ("to trash 101 MiB 10 runs", "to trash 101 MiB 11 runs"),
    ("recent 7th of 13 (keeps 3)", "recent 7th of 13 (keeps 2)"),
    ("30d old", "29d old"),
    ("  indented", "indented"),
    ("plan 69d4c1ee7bc9", "plan none"),
    ("… of 13", "7th of 12"),
  ])
  func `nothing else may`(expected: String, actual: String) { #expect(!Page.matches([expected], [actual])) }

  @Test func `a gap stands for any lines, and only where it is`() {
    #expect(Page.matches(["a", "…", "d"], ["a", "b", "c", "d"]))
    #expect(Page.matches(["a", "…", "d"], ["a", "d"]))
    #expect(!Page.matches(["a", "…", "d"], ["a", "b", "c"]))
    #expect(!Page.matches(["a", "d"], ["a", "b", "d"]))
    #expect(!Page.matches([], ["a"]))
    #expect(!Page.matches(["a"], []))
  }

  @Test func `an update keeps the gap`() {
    #expect(Page.updated(["a", "…", "d"], ["1", "2", "3", "4"]) == ["1", "…", "4"])
    #expect(Page.updated(["a", "b"], ["1", "2", "3"]) == ["1", "2", "3"])
    #expect(Page.updated(["a", "…", "d"], ["1", "2"]) == ["1", "2"])
  }
}
