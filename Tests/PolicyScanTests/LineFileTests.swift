import PolicyCore
import PolicyFiles
import PolicyFormats
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// Remembers its lines; may disturb the file while it is read.
private struct Lines: LineReader {
  var texts: [String] = []
  var enormous = 0
  var disturb: (@Sendable () -> Void)?

  mutating func takeEnormousLine() { enormous += 1 }
  mutating func take(_ bytes: [UInt8], _ line: Range<Int>, isWhole: Bool) {
    texts.append(String(decoding: bytes[line], as: UTF8.self) + (isWhole ? "" : "…"))
    disturb?()
  }
}

struct LineFileTests {
  let tree = TemporaryTree()

  private func read(_ lines: Lines = Lines(), _ file: String = "f") throws -> LineFile<Lines> {
    let root = try DirectoryDescriptor.openRoot(tree.path.bytes)
    return LineFile.read(root, try #require(RelativePath(Array(file.utf8))), into: lines)
  }

  private func texts(_ content: String) throws -> [String] {
    tree.file("f", content)
    guard case .content(let lines, _) = try read() else { return ["no content"] }
    return lines.texts
  }

  @Test func linesAndTheirEnds() throws {
    #expect(try texts("a\r\n\n  \nb\nc") == ["a", "b", "c…"])
    #expect(try texts("\u{FEFF}a\n") == ["a"])
  }

  @Test func linesLongerThanAPiece() throws {
    let long = String(repeating: "x", count: LineCaps.chunk * 3 + 17)
    #expect(try texts("a\n\(long)\nb\n") == ["a", long, "b"])
    let enormous = String(repeating: "y", count: LineCaps.line + 1)
    tree.file("f", "a\n\(enormous)\nb\n\(enormous)")
    guard case .content(let lines, _) = try read() else {
      Issue.record("no content")
      return
    }
    #expect(lines.texts == ["a", "b"] && lines.enormous == 2)
  }

  @Test func aFileThatChangesWhileItIsRead() throws {
    tree.file("f", "a\nb\n")
    let tree = tree
    let always = Lines(disturb: { tree.file("f", "a\nb\n") })
    guard case .unstable = try read(always) else {
      Issue.record("believed")
      return
    }
    // Once is forgiven: the second reading counts, and begins anew.
    tree.file("f", "a\nb\n")
    let once = Lines(disturb: { if !tree.has("mark") { tree.file("mark", "x"); tree.file("f", "c\n") } })
    guard case .content(let lines, _) = try read(once) else {
      Issue.record("not believed")
      return
    }
    #expect(lines.texts == ["c"])
  }

  @Test func enormousFilesAreNotRead() throws {
    tree.file("f", "x")
    tree.size("f", LineCaps.file + 1)
    guard case .tooLarge = try read() else {
      Issue.record("read")
      return
    }
  }

  @Test func whatIsNoFile() throws {
    tree.directory("f")
    tree.symlink("link", to: "/etc/passwd")
    tree.fifo("fifo")
    for name in ["f", "link", "fifo"] {
      guard case .failed = try read(Lines(), name) else {
        Issue.record("\(name) was read")
        continue
      }
    }
    guard case .absent = try read(Lines(), "no/such") else {
      Issue.record("absent")
      return
    }
  }
}

struct JSONMembersTests {
  private func rows(_ lines: String) -> MetricSeries? {
    let metrics = [MetricDeclaration("x", .number, better: .higher, columns: ["x", "list[1]"])]
    var rows = JSONRows(SeriesAssembly(metrics), keys: ["n"])
    let bytes = Array(lines.utf8)
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
      rows.take(bytes, start..<end, isWhole: end < bytes.count)
      start = end + 1
    }
    return rows.assembly.series()
  }

  private func values(_ lines: String) -> [String] {
    guard let column = rows(lines)?.column("x") else { return [] }
    return column.cells.map { cell in
      switch cell {
      case .number: cell.text(in: column.source) ?? "?"
      case .empty: "empty"
      case .undefined: "undefined"
      case .garbage: "garbage"
      }
    }
  }

  @Test func numbersKeepTheirText() {
    #expect(
      values("{\"x\": 1.50, \"n\": 0}\n{\"n\": 1, \"x\": 2e-05}\n{\"n\": 2.0, \"x\": -0.0}\n") == [
        "1.50", "2e-05", "-0.0",
      ])
    #expect(values("{\"n\": 0, \"list\": [1, 2.5, {\"a\": []}]}\n") == ["2.5"])
  }

  @Test func wordsForNone() {
    let words = ["NaN", "Infinity", "-Infinity", "\"NaN\"", "\"inf\""]
    for word in words { #expect(values("{\"n\": 0, \"x\": \(word)}\n") == ["undefined"]) }
    #expect(values("{\"n\": 0, \"x\": null}\n{\"n\": 1, \"x\": 1}\n") == ["empty", "1"])
    for word in ["\"abc\"", "true", "[1]", "{}"] { #expect(values("{\"n\": 0, \"x\": \(word)}\n") == ["garbage"]) }
  }

  @Test(arguments: [
    "{\"n\": 0, \"x\": 01}\n", "{\"n\": 0, \"x\": 0x1}\n", "{\"n\": 0, \"x\": +1}\n", "{\"n\": 0, \"x\": nan}\n",
    "[1]\n", "{\"n\": 0}}\n",
    "{\"n\": 0, \"x\": 1,}\n", "{'n': 0}\n", "{\"x\": 1}\n", "{\"n\": -1}\n", "{\"n\": 1.5}\n",
    "{\"n\": 0} {\"n\": 1}\n", "\0\n", "{\"n\": 0, \"x\": 1",
  ])
  func whatIsNoRow(_ line: String) { #expect(rows(line) == nil, "\(line)") }

  @Test func depthIsNoDanger() {
    let deep = String(repeating: "[", count: 200_000)
    #expect(rows("{\"n\": 0, \"deep\": \(deep)\n") == nil)
    let whole = deep + String(repeating: "]", count: 200_000)
    #expect(values("{\"n\": 0, \"deep\": \(whole), \"x\": 1}\n") == ["1"])
  }

  @Test func numbersThatGoBack() throws {
    func line(_ number: Int, _ value: Int) -> String { "{\"n\": \(number), \"x\": \(value)}\n" }
    let resumed = try #require(rows([0, 1, 2, 3].map { line($0, $0) }.joined() + line(2, 7)))
    #expect(resumed.epochs == [0, 1, 2] && resumed.rewinds == 1 && resumed.restarts == 0)
    let anew = try #require(rows([3, 4, 5].map { line($0, $0) }.joined() + line(3, 7)))
    #expect(anew.epochs == [3] && anew.restarts == 1)
  }
}
