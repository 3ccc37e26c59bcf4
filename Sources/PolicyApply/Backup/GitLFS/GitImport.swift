internal import PolicyCore

/// A commit in the words of `git fast-import`: any bytes can be a name there, and none is an option.
struct GitImport {
  private(set) var text: [UInt8] = []
  static let author = "policy <policy@localhost>"

  /// `at`: seconds since 1970, UTC. `parent`: the commit that it changes; `nil` for a first one.
  init(_ reference: String, at seconds: Int64, message: String, parent: String?) {
    add("commit \(reference)\nauthor \(Self.author) \(seconds) +0000\ncommitter \(Self.author) \(seconds) +0000\n")
    add(Array(message.utf8))
    if let parent { add("from \(parent)\n") }
  }

  private mutating func add(_ line: String) { text += Array(line.utf8) }

  private mutating func add(_ data: [UInt8]) {
    add("data \(data.count)\n")
    text += data
    add("\n")
  }

  mutating func remove(_ path: ByteString) {
    add("D ")
    text += Self.quoted(path)
    add("\n")
  }

  mutating func put(_ content: [UInt8], at path: ByteString) {
    add("M 100644 inline ")
    text += Self.quoted(path)
    add("\n")
    add(content)
  }

  /// In quotation marks; everything that could mean something else as three octal digits.
  static func quoted(_ path: ByteString) -> [UInt8] {
    var quoted: [UInt8] = [UInt8(ascii: "\"")]
    for byte in path.bytes {
      if byte < 32 || byte >= 127 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        quoted += [UInt8(ascii: "\\"), 48 + (byte >> 6), 48 + (byte >> 3 & 7), 48 + (byte & 7)]
      } else {
        quoted.append(byte)
      }
    }
    return quoted + [UInt8(ascii: "\"")]
  }
}

extension Git {
  /// Writes a commit into the area, and returns it.
  func write(_ commit: GitImport, _ reference: String) throws(ArchiveTrouble) -> String {
    _ = try run(["fast-import", "--quiet"], input: commit.text, "cannot be prepared")
    return try self.commit(reference)
  }
}
