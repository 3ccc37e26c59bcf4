import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Testing

@testable import PolicyScan

struct PathPatternTests {
  @Test(arguments: [
    ("a", "a", true), ("a", "b", false), ("*", "a", true), ("*", "a/b", false), ("**", "a/b/c", true),
    ("a/**", "a", true), ("a/**", "a/b", true), ("a/**", "ab", false), ("**/a", "a", true), ("**/a", "x/y/a", true),
    ("**/a", "xa", false), ("**/tmp*", "x/tmp1", true), ("a?c", "abc", true), ("a?c", "a/c", false),
    ("*.pt", "epoch1.pt", true), ("a/**/b", "a/b", true), ("a/**/b", "a/x/y/b", true), ("\\*", "*", true),
    ("\\*", "a", false), ("", "", true), ("{", "{", true),
  ])
  func matches(_ pattern: String, _ path: String, _ expected: Bool) {
    #expect(PathPattern(ByteString(pattern)).matches(Array(path.utf8)) == expected)
  }

  @Test func captures() {
    let pattern = PathPattern("user_{user}/**")
    #expect(pattern.captures(Array("user_alice/det/exp".utf8))?["user"] == "alice")
    #expect(pattern.captures(Array("user_/det".utf8)) == nil)
    #expect(pattern.captures(Array("alice/det".utf8)) == nil)
    let numbered = PathPattern("ckpt/epoch={epoch}-step={step}.ckpt", numeric: ["epoch", "step"])
    #expect(numbered.captures(Array("ckpt/epoch=3-step=120.ckpt".utf8)) == ["epoch": "3", "step": "120"])
    #expect(numbered.captures(Array("ckpt/epoch=x-step=120.ckpt".utf8)) == nil)
  }

  /// Would take for ever if failures were not remembered.
  @Test func hostilePatternsEnd() {
    let pattern = PathPattern(ByteString(String(repeating: "*a", count: 40) + "b"))
    #expect(!pattern.matches([UInt8](repeating: UInt8(ascii: "a"), count: 200)))
  }
}

struct ArgumentFileTests {
  @Test func readsWhatTheFrameworksWrite() {
    let file = ArgumentFile(
      parsing: Array(
        """
        # a comment
        task: detect
        mode: 'train'
        epochs: 100   # so many
        model: "runs/a b/weights/last.pt"
        resume: null
        val: False
        empty:
        list: [1, 2]
        nested:
          epochs: 7
        - epochs: 8
        name: it''s
        url: http://x#y
        """.utf8))
    #expect(file.text("task") == "detect" && file.text("mode") == "train")
    #expect(file.count("epochs") == 100)
    #expect(file.text("model") == "runs/a b/weights/last.pt")
    #expect(file["resume"] == nil && file["empty"] == nil && file["list"] == nil && !file.has("absent"))
    #expect(file.bool("val") == false)
    #expect(file.text("url") == "http://x#y")
  }

  @Test(arguments: ["0", "-3", "1.5", "nan", "1e400", "abc", ""])
  func refusesWhatIsNoCount(_ text: String) {
    #expect(ArgumentFile(parsing: Array("epochs: \(text)\n".utf8)).count("epochs") == nil)
  }

  @Test func readsCRLFAndBOM() {
    let file = ArgumentFile(parsing: [0xEF, 0xBB, 0xBF] + Array("task: pose\r\nepochs: 5\r\n".utf8))
    #expect(file.text("task") == "pose" && file.count("epochs") == 5)
  }
}

struct CheckpointHeaderTests {
  @Test(arguments: [Int32(-1), 0, 7, 300])
  func readsTheEpoch(_ epoch: Int32) {
    let header = Sample.header(Sample.checkpoint(epoch: epoch))
    #expect(header?.epoch == Int64(epoch))
    #expect(header?.version == "8.3.92")
  }

  @Test func stopsAtTheFirstThingItDoesNotKnow() {
    // `epoch` behind a value that is built by calling something: no evidence.
    let hostile = Sample.archive(
      pickle: [0x80, 2, 0x7D, 0x71, 0, 0x28] + Sample.text("model") + Array("cos\nsystem\n".utf8) + Sample.text("epoch")
        + [0x4A, 0xFF, 0xFF, 0xFF, 0xFF])
    #expect(Sample.header(hostile)?.epoch == nil)
  }

  @Test func everyCutIsHarmless() {
    let whole = Sample.checkpoint(epoch: -1)
    for length in 0..<whole.count {
      // The directory stands at the end: half an archive is no evidence of anything.
      #expect(Sample.header(Array(whole.prefix(length))) == nil)
    }
  }

  @Test func refusesOtherFiles() {
    #expect(Sample.header([]) == nil)
    #expect(Sample.header([UInt8](repeating: 0, count: 4096)) == nil)
    var compressed = Sample.checkpoint(epoch: -1)
    compressed[8] = 8
    #expect(Sample.header(compressed) == nil)
    #expect(Sample.header(Sample.archive(pickle: [], name: "last/version")) == nil)
    #expect(Sample.header(Sample.checkpoint(epoch: -1) + [0]) == nil)
  }

  /// Whatever byte is wrong, the answer is the right one or none.
  @Test func everyFlippedByteIsHarmless() {
    let whole = Sample.checkpoint(epoch: 300)
    let pickle = 100
    for place in whole.indices where !(47..<(47 + pickle)).contains(place) {
      var bytes = whole
      bytes[place] ^= 0x41
      let epoch = Sample.header(bytes)?.epoch
      #expect(epoch == nil || epoch == 300, "byte \(place)")
    }
  }

  /// What PyTorch wrote: an archive with 64-bit ends.
  @Test func readsLargeArchives() {
    let small = Sample.checkpoint(epoch: -1)
    let end = Array(small.suffix(22))
    let (length, start) = (Array(end[12..<16]), Array(end[16..<20]))
    var large = Array(small.dropLast(22)) + [0x50, 0x4B, 6, 6, 44, 0, 0, 0, 0, 0, 0, 0, 30, 3, 45, 0]
    large += [UInt8](repeating: 0, count: 8) + [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    large += length + [0, 0, 0, 0] + start + [0, 0, 0, 0]
    large += [0x50, 0x4B, 6, 7] + [UInt8](repeating: 0, count: 16)
    large += [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0]
    #expect(Sample.header(large)?.epoch == -1)
  }
}

struct FitnessDefinitionTests {
  @Test(arguments: [
    ("8.0.20", FitnessDefinition.weighted), ("8.3.74", .weighted), ("8.3.190", .weighted), ("8.3.200", .strict),
    ("8.4.6", .strict), ("9.0.0", .strict), ("8.3.92.dev0", .weighted),
  ])
  func followsTheVersion(_ version: String, _ definition: FitnessDefinition) {
    #expect(FitnessDefinition(version: version) == definition)
  }

  @Test(arguments: ["", "8", "8.3", "x.y.z", "8.3.195"])
  func isUnsure(_ version: String) { #expect(FitnessDefinition(version: version) == nil) }

  @Test func isExact() throws {
    let (half, whole) = (try #require(ExactDecimal("0.81234")), try #require(ExactDecimal("0.5512")))
    let tenth = try #require(ExactDecimal("0.1"))
    let nine = try #require(ExactDecimal("0.9"))
    let sum = half.multiplied(by: tenth).flatMap { small in whole.multiplied(by: nine).flatMap { small.adding($0) } }
    #expect(sum == ExactDecimal("0.577314"))
  }
}

struct FileNamesTests {
  @Test func namesThatBeginSo() throws {
    let tree = TemporaryTree()
    for name in ["run", "run-", "run-1", "run-\u{FF}", "run.", "a", "z", "rum"] { tree.file(ByteString(name), "") }
    let listing = try DirectoryDescriptor.openRoot(tree.path.bytes).list()
    func names(_ beginning: String) -> [String] {
      listing.range(beginning: beginning).map { String(decoding: listing.bytes($0), as: UTF8.self) }
    }
    #expect(names("run-") == ["run-", "run-1", "run-\u{FF}"])
    #expect(names("zz").isEmpty && names("A").isEmpty && names("").count == 8)
  }

  @Test(arguments: [("12", 12), ("007", 7), ("", nil), ("1a", nil), ("-1", nil), ("1234567890123456789", nil)])
  func numbers(_ text: String, _ number: Int64?) { #expect(FileNames.number(Array(text.utf8)[...]) == number) }
}
