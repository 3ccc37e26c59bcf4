internal import PolicyDiagnostics

/// What a file must be before it is read as YAML: small, UTF-8, and of characters that everybody sees alike.
///
/// libyaml takes UTF-16 and counts U+0085, U+2028 and U+2029 as line breaks, editors do not: a rule could hide on a line
/// that looks like a comment. So both are refused here, and libyaml sees only text whose lines are ours.
struct SourceAdmission {
  static let largestSize = 1 << 20
  /// So many places are named, then only counted.
  private static let namedPlaces = 20

  private let source: SourceText
  private let file: Int
  /// Where the text begins: behind a UTF-8 byte order mark.
  let textStart: Int
  private(set) var diagnostics: [Diagnostic] = []

  init(_ source: SourceText, file: Int) {
    self.source = source
    self.file = file
    self.textStart = source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    if source.bytes.count > Self.largestSize {
      refuseSize()
    } else if let encoding = foreignEncoding {
      diagnostics.append(
        Diagnostic(
          "P0024", .error, "this file is \(encoding)", at: span(0..<min(2, source.bytes.count)),
          help: "save it as UTF-8"))
    } else if source.bytes.prefix(4096).count(where: { $0 == 0 }) > 8 {
      // One message instead of one for each of its thousands of bytes.
      diagnostics.append(
        Diagnostic(
          "P0024", .error, "this is no text", at: span(0..<0), notes: ["it is full of zero bytes"],
          help: "name the policy: a YAML file, saved as UTF-8"))
    } else {
      checkCharacters()
    }
  }

  private func span(_ range: Range<Int>) -> SourceSpan { SourceSpan(file: file, range: range) }

  private mutating func refuseSize() {
    diagnostics.append(
      Diagnostic(
        "P0023", .error, "this file is too large", at: span(0..<0),
        notes: ["it has \(source.bytes.count) bytes; a policy file may have \(Self.largestSize)"],
        help: "move parts of it to files of their own and name them under `imports`"))
  }

  /// Judged by the first four bytes, as YAML does: the first character of a policy file is ASCII.
  private var foreignEncoding: String? {
    let head = Array(source.bytes.prefix(4))
    if head == [0xFF, 0xFE, 0, 0] || head == [0, 0, 0xFE, 0xFF] { return "UTF-32" }
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    guard head.count > 1 else { return nil }
    let zeros = head.map { $0 == 0 }
    if zeros == [true, true, true, false] || zeros == [false, true, true, true] { return "UTF-32" }
    if zeros.starts(with: [true, false]) || zeros.starts(with: [false, true]) { return "UTF-16" }
    return nil
  }

  private mutating func checkCharacters() {
    var offset = textStart
    var previous: (flaw: CharacterFlaw, end: Int)?
    var unnamed = 0
    while offset < source.bytes.count {
      if (0x20..<0x7F).contains(source.bytes[offset]) {
        offset += 1
        continue
      }
      let (flaw, length) = CharacterFlaw.find(in: source.bytes, at: offset)
      if let flaw {
        if let last = previous, last.flaw == flaw, last.end == offset {
          // A run of the same is one mistake.
        } else if diagnostics.count < Self.namedPlaces {
          diagnostics.append(flaw.diagnostic(at: span(offset..<offset + length), in: source))
        } else {
          unnamed += 1
        }
        previous = (flaw, offset + length)
      }
      offset += length
    }
    if unnamed > 0, let last = diagnostics.indices.last {
      diagnostics[last].notes.append("and \(unnamed) more places like this")
    }
  }
}
