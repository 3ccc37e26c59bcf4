internal import PolicyCore
internal import PolicyDigest
internal import PolicyFormats

/// What is asked of `rclone`, a call each.
struct Rclone {
  let tool: Tool
  let goOn: () throws(ArchiveTrouble) -> Void
  /// A server that does not answer ends a call, and never an apply.
  private static let always = [
    "--retries", "1", "--low-level-retries", "3", "--contimeout", "15s", "--timeout", "60s", "--stats", "0",
    "--log-level", "ERROR", "--use-json-log=false", "--ask-password=false",
  ]
  static let noSuchFolder: Int32 = 3

  init(goOn: @escaping () throws(ArchiveTrouble) -> Void) throws(ArchiveTrouble) {
    guard let tool = Tool("rclone") else {
      throw ArchiveTrouble(
        "rclone is not installed: it is looked for in \(Tool.folders.joined(separator: ", ")); `apt install rclone`")
    }
    self.tool = tool
    self.goOn = goOn
  }

  /// The owner's remotes; none where rclone does not tell, because then it says why as soon as one is used.
  func configuration() throws(ArchiveTrouble) -> RcloneConfiguration {
    let ended = try tool.run(["config", "dump", "--ask-password=false"], goOn: goOn)
    return RcloneConfiguration(dump: ended.isDone ? ended.output : [], variables: Tool.allVariables)
  }

  /// SHA-256 of every file below a folder, each read back from the remote; `nil` where there is no such folder. `only`:
  /// names below it.
  func digests(_ folder: ByteString) throws(ArchiveTrouble) -> [ByteString: String]? {
    let ended = try tool.run(Self.always + ["hashsum", "sha256", "--download", folder.text], goOn: goOn)
    if ended.status == Self.noSuchFolder { return nil }
    guard ended.isDone else { throw Self.trouble("cannot be read back", ended) }
    var digests: [ByteString: String] = [:]
    for line in ended.output.split(separator: UInt8(ascii: "\n")) {
      let digest = String(decoding: line.prefix(64), as: UTF8.self)
      guard line.count > 66, digest.utf8.count == 64 else { continue }
      digests[ByteString(Array(line.dropFirst(66)))] = digest
    }
    return digests
  }

  /// Writes one file of the remote from what comes. Its size is told, so that nothing is kept on a disk on the way.
  func begin(_ file: ByteString, size: Int64, bandwidth: Int64?) throws(ArchiveTrouble) -> RunningTool {
    let limit = bandwidth.map { ["--bwlimit", "\($0)B"] } ?? []
    return try tool.start(Self.always + limit + ["rcat", "--size", "\(size)", file.text], hasInput: true)
  }

  func content(_ file: ByteString) throws(ArchiveTrouble) -> [UInt8] {
    let ended = try tool.run(Self.always + ["cat", file.text], goOn: goOn)
    guard ended.isDone else { throw Self.trouble("cannot be read", ended) }
    return ended.output
  }

  /// Copies a folder of the remote into a folder of ours: its content is believed when it was compared, not before.
  func fetch(_ folder: ByteString, into path: ByteString) throws(ArchiveTrouble) {
    let ended = try tool.run(Self.always + ["copy", folder.text, path.text], goOn: goOn)
    guard ended.isDone else { throw Self.trouble("cannot be read", ended) }
  }

  static func trouble(_ what: String, _ ended: Tool.Ended) -> ArchiveTrouble {
    let words = ended.words.isEmpty ? "status \(ended.status)" : ended.words
    return ArchiveTrouble("the remote \(what): rclone: \(words)")
  }
}

extension ByteString {
  /// For an argument; names that are no text never come here.
  fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
