/// The ways in which real files were spoiled.
enum Spoil: String, CaseIterable {
  case crlf, bom, none, infinite, garbage, ragged, duplicate, restarted, halfWritten, conflictMarkers, lfsPointer
  case empty, blank, headerOnly, enormousLine, blankLines, nul, utf16, absent

  /// `number` is a number of the file, `none` the word for none in its form.
  func of(_ bytes: [UInt8], number: String, none: String) -> [UInt8]? {
    let newline = UInt8(ascii: "\n")
    let lines = bytes.split(separator: newline, omittingEmptySubsequences: false).map(Array.init)
    let middle = lines.count / 2
    func text(_ lines: [[UInt8]]) -> [UInt8] { Array(lines.joined(separator: [newline])) }
    func replaced(_ word: String) -> [UInt8] {
      guard let place = bytes.firstRange(of: Array(number.utf8)) else { return [] }
      return bytes[..<place.lowerBound] + Array(word.utf8) + bytes[place.upperBound...]
    }
    switch self {
    case .crlf: return Array(lines.joined(separator: Array("\r\n".utf8)))
    case .bom: return [0xEF, 0xBB, 0xBF] + bytes
    case .none: return replaced(none)
    case .infinite: return replaced(none == "NaN" ? "-Infinity" : "-inf")
    case .garbage: return replaced("0x1p3")
    case .ragged:
      var cut = lines
      cut[middle].removeSubrange((cut[middle].count / 2)...)
      return text(cut)
    case .duplicate: return text(Array(lines[...middle]) + Array(lines[middle...]))
    case .restarted: return bytes + bytes
    case .halfWritten: return Array(bytes.dropLast(9))
    case .conflictMarkers:
      var merged = lines
      merged.insert(Array("=======".utf8), at: middle)
      merged.insert(Array("<<<<<<< HEAD".utf8), at: 0)
      merged.append(Array(">>>>>>> other\n".utf8))
      return text(merged)
    case .lfsPointer:
      return Array(
        "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "0", count: 64))\nsize 4711\n".utf8)
    case .empty: return []
    case .blank: return Array("\n \n\r\n".utf8)
    case .headerOnly: return lines[0] + [newline]
    case .enormousLine:
      var longer = lines
      longer.insert([UInt8](repeating: UInt8(ascii: "8"), count: (1 << 20) + 1), at: middle)
      return text(longer)
    case .blankLines: return Array(lines.joined(separator: Array("\n\n".utf8)))
    case .nul: return bytes + [0, 0, 0, 0, newline]
    case .utf16: return [0xFF, 0xFE] + bytes.flatMap { [$0, 0] }
    case .absent: return nil
    }
  }
}
