import Foundation
import PolicyFormats
import PolicyLSP
import Testing

@Suite struct ProtocolTests {
  @Test func framesAreCutWhereverTheBytesArrive() {
    let whole = FrameReader.frame(Array("{\"a\":\"é\"}".utf8)) + FrameReader.frame(Array("{}".utf8))
    for size in 1...whole.count {
      var reader = FrameReader()
      var found: [FrameReader.Frame] = []
      for start in stride(from: 0, to: whole.count, by: size) {
        reader.feed(Array(whole[start..<min(start + size, whole.count)]))
        while let frame = reader.next() { found.append(frame) }
      }
      #expect(found == [.message(Array("{\"a\":\"é\"}".utf8)), .message(Array("{}".utf8))])
    }
  }

  @Test(arguments: [
    "Content-Length: x\r\n\r\n", "Hello: 1\r\n\r\n", "Content-Length: -1\r\n\r\n",
    "Content-Length: 99999999999\r\n\r\n",
  ])
  func aStreamWithoutLengthsIsBroken(_ text: String) {
    var reader = FrameReader()
    reader.feed(Array(text.utf8))
    #expect(reader.next() == .broken)
  }

  /// Random edits in UTF-16 columns against a model that knows only arrays of code units.
  @Test func incrementalEditsAreExact() throws {
    var seed: UInt64 = 7
    func below(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((seed >> 33) % UInt64(max(1, bound)))
    }
    let pieces = ["a", "é", "运行", "😀", "\n", "\r\n", "x: y", ""]
    var client = Client()
    var lines: [[UInt16]] = [[]]
    func text() -> String { lines.map { String(decoding: $0, as: UTF16.self) }.joined(separator: "\n") }
    client.open("")
    var applied = 0
    for _ in 0..<600 {
      let first = below(lines.count)
      let last = first + below(min(2, lines.count - first))
      // Only whole characters are replaced: an editor cannot put a cursor into half of one.
      func column(_ line: Int) -> Int {
        let scalars = Array(String(decoding: lines[line], as: UTF16.self).unicodeScalars)
        return scalars.prefix(below(scalars.count + 1)).reduce(0) { $0 + UTF16.width($1) }
      }
      var (start, end) = (column(first), column(last))
      if first == last, start > end { swap(&start, &end) }
      let piece = pieces[below(pieces.count)].replacing("\r\n", with: "\n")
      let replaced = Array(lines[first][..<start]) + Array(piece.utf16) + Array(lines[last][end...])
      let rows = replaced.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
      lines.replaceSubrange(first...last, with: rows)
      client.notify(
        "textDocument/didChange",
        "{\"textDocument\":{\"uri\":\"\(Client.uri)\"},\"contentChanges\":[{\"range\":{\"start\":{\"line\":\(first),\"character\":\(start)},\"end\":{\"line\":\(last),\"character\":\(end)}},\"text\":\(Client.quoted(piece))}]}"
      )
      applied += 1
      if applied.isMultiple(of: 20) { #expect(client.server.text(of: Client.uri) == text()) }
    }
    #expect(client.server.text(of: Client.uri) == text())
  }

  @Test func garbageIsAnsweredAndNeverCrashes() {
    var seed: UInt64 = 11
    func next() -> UInt64 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return seed >> 33
    }
    let shapes = [
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"textDocument/hover\",\"params\":{\"textDocument\":{\"uri\":\"file:///home/you/policy.yaml\"},\"position\":{\"line\":-4,\"character\":99999999}}}",
      "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"textDocument/completion\",\"params\":[1,2]}",
      "{\"id\":{},\"method\":\"textDocument/definition\"}", "[]", "7", "{\"method\":5}",
      "{\"jsonrpc\":\"2.0\",\"id\":3}",
    ]
    var client = Client()
    client.open(LanguageServerTests.policy)
    for number in 0..<2_000 {
      var bytes = Array(shapes[number % shapes.count].utf8)
      for _ in 0..<Int(next() % 4) where !bytes.isEmpty {
        bytes[Int(next()) % bytes.count] = UInt8(truncatingIfNeeded: next())
      }
      _ = client.server.handle(bytes)
      if number.isMultiple(of: 50) { _ = client.server.settle() }
    }
    #expect(client.server.exitStatus == nil || client.server.exitStatus == 1)
  }
}
