internal import Foundation
internal import PolicyTestSupport

/// A Markdown page taken apart into what can be executed.
///
/// - ` ```console `: lines with `$ ` are typed, the others must come out; `…` stands for any text, alone on a line for
///   any lines. All blocks of a page run in one directory, one after the other. Times and digests may differ.
/// - ` ```yaml ` with a policy or a part of one: must load without errors.
/// - `<!-- setup: command -->`: typed before, with its output ignored.
/// - `<!-- error: P0201 -->` before a block of YAML: must be refused with this code.
struct Page {
  enum Block {
    case setup(String)
    case console(line: Int, [String])
    case policy(line: Int, String, error: String?)
  }
  enum Fault: Error { case unfinished(String) }

  let path: String
  let lines: [String]
  let blocks: [Block]

  init(_ path: String) throws {
    self.path = path
    lines = try String(contentsOfFile: repositoryRoot + "/" + path, encoding: .utf8).components(separatedBy: "\n")
    var blocks: [Block] = []
    var fence: (kind: String, line: Int, body: [String])?
    var error: String?
    for (index, line) in lines.enumerated() {
      if let open = fence {
        guard line.hasPrefix("```") else {
          fence?.body.append(line)
          continue
        }
        switch open.kind {
        case "console": blocks.append(.console(line: open.line, open.body))
        case "yaml":
          blocks.append(.policy(line: open.line, Self.whole(open.body), error: error))
          error = nil
        default: break
        }
        fence = nil
      } else if line.hasPrefix("```") {
        fence = (line.dropFirst(3).trimmingCharacters(in: .whitespaces), index + 1, [])
      } else if line.hasPrefix("<!-- setup: "), line.hasSuffix(" -->") {
        blocks.append(.setup(String(line.dropFirst(12).dropLast(4))))
      } else if line.hasPrefix("<!-- error: "), line.hasSuffix(" -->") {
        error = String(line.dropFirst(12).dropLast(4))
      } else if line.hasPrefix("<!-- setup:") || line.hasPrefix("<!-- error:") {
        // It would count as prose, and the page would be tried without it.
        throw Fault.unfinished("\(path):\(index + 1): `\(line.prefix(11))` that does not end with ` -->` on its line")
      }
    }
    self.blocks = blocks
  }

  /// Writes the page again with other bodies of console blocks, by the number of the fence's line.
  func write(_ bodies: [Int: [String]]) throws {
    var lines = lines
    for case .console(let line, let body) in blocks.reversed() {
      if let new = bodies[line] { lines.replaceSubrange(line..<line + body.count, with: new) }
    }
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: repositoryRoot + "/" + path))
  }

  /// Parts of a policy become whole: rules get a `rules:`, everything a version and roots.
  private static func whole(_ body: [String]) -> String {
    var lines = body
    let first = lines.first { !$0.trimmingCharacters(in: .whitespaces).isEmpty && !$0.hasPrefix("#") } ?? ""
    if first.trimmingCharacters(in: .whitespaces).hasPrefix("- ") { lines.insert("rules:", at: 0) }
    if !lines.contains(where: { $0.hasPrefix("roots:") }) { lines.insert("roots: [runs]", at: 0) }
    if !lines.contains(where: { $0.hasPrefix("version:") }) { lines.insert("version: 1", at: 0) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Whether what came out is what the page shows.
  static func matches(_ expected: [String], _ actual: [String]) -> Bool {
    var rows = [Bool](repeating: false, count: actual.count + 1)
    rows[0] = true
    for line in expected {
      var next = [Bool](repeating: false, count: actual.count + 1)
      if isGap(line) {
        var open = false
        for index in 0...actual.count {
          open = open || rows[index]
          next[index] = open
        }
      } else {
        for index in 0..<actual.count where rows[index] && matches(line: line, actual[index]) { next[index + 1] = true }
      }
      rows = next
    }
    return rows[actual.count]
  }

  /// What the page should show instead: as many lines before and after its gap as it had.
  static func updated(_ expected: [String], _ actual: [String]) -> [String] {
    guard let first = expected.firstIndex(where: isGap), let last = expected.lastIndex(where: isGap) else {
      return actual
    }
    let tail = expected.count - last - 1
    guard first + tail < actual.count else { return actual }
    return Array(actual.prefix(first)) + ["…"] + Array(actual.suffix(tail))
  }

  private static func isGap(_ line: String) -> Bool { line.trimmingCharacters(in: .whitespaces) == "…" }

  private static func matches(line expected: String, _ actual: String) -> Bool {
    let (expected, actual) = (Volatile.masked(expected), Volatile.masked(actual))
    let parts = expected.components(separatedBy: "…")
    guard parts.count > 1 else { return trimmed(expected) == trimmed(actual) }
    var rest = actual[...]
    for (index, part) in parts.enumerated() {
      if index == 0 {
        guard rest.hasPrefix(part) else { return false }
        rest = rest.dropFirst(part.count)
      } else if index == parts.count - 1 {
        guard trimmed(String(rest)).hasSuffix(trimmed(part)) else { return false }
      } else {
        guard let range = rest.range(of: part) else { return false }
        rest = rest[range.upperBound...]
      }
    }
    return true
  }

  private static func trimmed(_ text: String) -> String {
    var text = text
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}
