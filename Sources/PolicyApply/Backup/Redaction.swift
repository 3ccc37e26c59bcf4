/// Takes out of a foreign program's words what nobody else should read.
enum Redaction {
  /// User names and passwords in addresses, and what follows a `?` in them, where signatures stand; and every secret that is
  /// known. The last line alone, without its stamp: there the program says what it ended with.
  static func lastLine(_ text: String, secrets: [String]) -> String {
    let lines = text.split(separator: "\n").map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }
    guard var line = lines.last else { return "" }
    let parts = line.split(separator: " ", maxSplits: 2)
    if parts.count == 3, parts[0].count == 10, parts[1].count == 8, parts[0].contains("/"), parts[1].contains(":") {
      line = String(parts[2])
    }
    return self.line(line, secrets: secrets)
  }

  /// What `git` and `git-lfs` complain of: the first line that is fatal, else what a server said, else the first that is no
  /// mere remark.
  static func complaint(_ text: String, secrets: [String]) -> String {
    let lines = text.split(whereSeparator: \.isNewline).map { String($0.drop { $0 == " " || $0 == "\t" }) }
      .filter { !$0.isEmpty }
    for (begin, rest) in [("fatal: ", false), ("remote: ", false), ("", true)] {
      let found = lines.first { line in
        line.hasPrefix(begin) && (!rest || !remarks.contains { line.hasPrefix($0) }) && line.count > begin.count
      }
      if let found { return line(String(found.dropFirst(begin.count)), secrets: secrets) }
    }
    return lines.last.map { line($0, secrets: secrets) } ?? ""
  }

  private static let remarks = [
    "warning: ", "hint: ", "error: failed to ", "Uploading ", "Downloading ", "fetch: ", "To ",
  ]

  static func line(_ line: String, secrets: [String]) -> String {
    var line = line
    for secret in secrets.sorted(by: { $0.utf8.count > $1.utf8.count }) where secret.utf8.count >= 4 {
      line = line.replacing(secret, with: "***")
    }
    var words: [String] = []
    for word in line.split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
      words.append(address(word))
    }
    let whole = words.joined(separator: " ")
    return whole.utf8.count > 400 ? String(decoding: whole.utf8.prefix(400), as: UTF8.self) + " …" : whole
  }

  private static func address(_ word: String) -> String {
    var bytes = Array(word.utf8)
    let mark = Array("://".utf8)
    guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: mark) }) else { return word }
    if let question = bytes[start...].firstIndex(of: UInt8(ascii: "?")) {
      bytes.replaceSubrange((question + 1)..., with: Array("***".utf8))
    }
    let host = start + mark.count
    let end = bytes[host...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex
    if let at = bytes[host..<end].lastIndex(of: UInt8(ascii: "@")) {
      bytes.replaceSubrange(host..<at, with: Array("***".utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
