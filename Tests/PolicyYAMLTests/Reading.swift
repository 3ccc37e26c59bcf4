internal import Foundation
internal import PolicyDiagnostics
internal import PolicyYAML

/// One file, read.
struct Reading {
  let source: SourceText
  let root: YAMLNode?
  let diagnostics: [Diagnostic]

  init(_ bytes: [UInt8]) {
    source = SourceText(path: "policy.yaml", bytes: bytes)
    (root, diagnostics) = YAMLReader.read(source, file: 0)
  }

  init(_ text: String) { self.init(Array(text.utf8)) }

  var codes: [String] { diagnostics.map(\.code) }

  /// One line a finding: code, place, message, caption, help; one more for each label and note.
  var report: [String] {
    diagnostics.flatMap { diagnostic -> [String] in
      var line = "\(diagnostic.code) \(place(diagnostic.span)) \(diagnostic.message)"
      if !diagnostic.caption.isEmpty { line += " | \(diagnostic.caption)" }
      var lines = [line]
      lines += diagnostic.labels.map { "  label \(place($0.span)) \($0.text)" }
      lines += diagnostic.notes.map { "  note \($0)" }
      if let help = diagnostic.help { lines.append("  help \(help)") }
      return lines
    }
  }

  private func place(_ span: SourceSpan?) -> String {
    guard let span else { return "nowhere" }
    let (start, end) = (source.position(at: span.range.lowerBound), source.position(at: span.range.upperBound))
    return start.line == end.line
      ? "\(start.line):\(start.column)-\(end.column)" : "\(start.line):\(start.column)-\(end.line):\(end.column)"
  }

  /// The first thing that is wrong with spans and offsets; `nil` when all is well.
  var fault: String? {
    let whole = 0...source.bytes.count
    for diagnostic in diagnostics {
      for span in [diagnostic.span].compactMap(\.self) + diagnostic.labels.map(\.span)
      where !whole.contains(span.range.lowerBound) || !whole.contains(span.range.upperBound) {
        return "\(diagnostic.code) lies outside the file"
      }
      if diagnostic.message.isEmpty || diagnostic.message.hasSuffix(".") { return "\(diagnostic.code) says it badly" }
    }
    let starts = diagnostics.compactMap { $0.span?.range.lowerBound }
    if zip(starts, starts.dropFirst()).contains(where: { $0 > $1 }) { return "findings are not in source order" }
    if root == nil, diagnostics.isEmpty { return "nothing came out and nothing was said" }
    return root.flatMap { fault(in: $0, within: 0..<source.bytes.count) }
  }

  private func fault(in node: YAMLNode, within outer: Range<Int>) -> String? {
    let range = node.span.range
    // Where a value was expected and nothing stands, the place may lie behind what is around it.
    if range.isEmpty { return range.upperBound <= source.bytes.count ? nil : "an empty node lies outside the file" }
    guard range.lowerBound >= outer.lowerBound, range.upperBound <= outer.upperBound else {
      return "the node at \(range) leaves the one around it, \(outer)"
    }
    switch node.content {
    case .scalar(let text):
      if text.offsets.count != text.bytes.count + 1 {
        return "\(text.offsets.count) offsets for \(text.bytes.count) bytes"
      }
      if zip(text.offsets, text.offsets.dropFirst()).contains(where: { $0 > $1 }) {
        return "offsets go back at \(range)"
      }
      if let first = text.offsets.first, let last = text.offsets.last,
        first < range.lowerBound || last > source.bytes.count
      {
        return "offsets leave the node at \(range)"
      }
      return nil
    case .sequence(let items): return items.lazy.compactMap { fault(in: $0, within: range) }.first
    case .mapping(let pairs):
      return pairs.lazy.compactMap { fault(in: $0.key, within: range) ?? fault(in: $0.value, within: range) }.first
    }
  }
}

/// SplitMix64: the same numbers for the same seed, on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
  mutating func pick<Element>(_ items: [Element]) -> Element { items[below(items.count)] }
}

/// How much longer than usual random tests run: `POLICY_LONG=20`.
let longFactor = max(1, ProcessInfo.processInfo.environment["POLICY_LONG"].flatMap { Int($0) } ?? 1)
