internal import PolicyCore

/// What is asked of `git` and `git-lfs`, a call each.
///
/// INVARIANT: no argument is a name from a run: those go through standard input, where nothing is an option.
struct Git {
  let tool: Tool
  let area: GitArea
  let target: GitTarget
  let goOn: () throws(ArchiveTrouble) -> Void

  init(
    _ area: GitArea, _ target: GitTarget, goOn: @escaping () throws(ArchiveTrouble) -> Void
  ) throws(ArchiveTrouble) {
    guard let tool = Tool("git", adding: Self.variables(area)) else { throw Self.missing("git") }
    guard Tool("git-lfs") != nil else { throw Self.missing("git-lfs") }
    self.tool = tool
    self.area = area
    self.target = target
    self.goOn = goOn
  }

  /// Throws where one of the two programs is not installed.
  static func requireInstalled() throws(ArchiveTrouble) {
    for name in ["git", "git-lfs"] where Tool(name) == nil { throw missing(name) }
  }

  private static func missing(_ name: String) -> ArchiveTrouble {
    ArchiveTrouble(
      "\(name) is not installed: it is looked for in \(Tool.folders.joined(separator: ", ")); `apt install git git-lfs`"
    )
  }

  /// Nobody is asked for a password, at no terminal and in no window; nothing but these ways is used.
  private static func variables(_ area: GitArea) -> [String] {
    [
      "GIT_DIR=\(area.path)", "TMPDIR=\(area.path)/tmp", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=",
      "GCM_INTERACTIVE=never",
      "GIT_ALLOW_PROTOCOL=file:https:http:ssh", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1",
      "GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ControlMaster=no -o ConnectTimeout=15 -o ServerAliveInterval=20",
    ]
  }

  func run(
    _ arguments: [String], input: [UInt8]? = nil, _ what: String
  ) throws(ArchiveTrouble) -> [UInt8] {
    let ended = try ended(arguments, input: input)
    guard ended.isDone else { throw trouble(what, ended) }
    return ended.output
  }

  private func ended(_ arguments: [String], input: [UInt8]? = nil) throws(ArchiveTrouble) -> Tool.Ended {
    let running = try tool.start(arguments, hasInput: input != nil)
    if let input { _ = try running.write(input, goOn: goOn) }
    return try running.end(goOn: goOn)
  }

  private func trouble(_ what: String, _ ended: Tool.Ended) -> ArchiveTrouble {
    let words = ended.complaint.isEmpty ? "status \(ended.status)" : ended.complaint
    let help: String =
      if words.contains("dubious ownership"), let folder = target.folder {
        "; `git config --global --add safe.directory \(folder)`, where you trust its owner"
      } else if words.contains("terminal prompts disabled") || words.contains("Git credentials for") {
        "; tell git how to sign in there (`git config credential.helper`, or a key of ssh): nobody is asked for a password"
      } else {
        ""
      }
    return ArchiveTrouble("the repository \(what): git: \(words)\(help)")
  }

  // MARK: commits

  /// The last commit of the branch, as the remote says now; `nil` where there is no such branch.
  func remoteTip() throws(ArchiveTrouble) -> String? {
    let output = try run(["ls-remote", GitArea.remote, "refs/heads/\(target.branch)"], "cannot be reached")
    let digest = output.prefix { $0 != UInt8(ascii: "\t") }
    return digest.isEmpty ? nil : String(decoding: digest, as: UTF8.self)
  }

  /// Fetches the last commit of the branch alone; `nil` where there is no such branch.
  func fetchTip() throws(ArchiveTrouble) -> String? {
    guard try remoteTip() != nil else { return nil }
    _ = try run(
      [
        "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", GitArea.remote,
        "refs/heads/\(target.branch)",
      ], "cannot be read")
    return try commit("FETCH_HEAD")
  }

  func commit(_ name: String) throws(ArchiveTrouble) -> String {
    let output = try run(["rev-parse", "--verify", "--end-of-options", "\(name)^{commit}"], "cannot be read")
    return String(decoding: output.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  struct TreeEntry: Equatable {
    let mode: String
    let object: String
    let name: ByteString
  }

  /// `all`: everything below, by path; else what lies in the tree itself.
  func list(_ tree: String, all: Bool = false) throws(ArchiveTrouble) -> [TreeEntry] {
    let output = try run(["ls-tree", "-z"] + (all ? ["-r"] : []) + [tree], "cannot be read")
    return output.split(separator: 0).compactMap { line in
      guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
      let facts = line[..<tab].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      return facts.count == 3 ? TreeEntry(mode: facts[0], object: facts[2], name: ByteString(line[(tab + 1)...])) : nil
    }
  }

  func content(_ object: String) throws(ArchiveTrouble) -> [UInt8] {
    try run(["cat-file", "blob", object], "cannot be read")
  }

  /// What lies in git under these, each once; the contents in the same order.
  func contents(_ objects: [String]) throws(ArchiveTrouble) -> [[UInt8]] {
    let output = try run(
      ["cat-file", "--batch"], input: Array(objects.map { $0 + "\n" }.joined().utf8), "cannot be read")
    var contents: [[UInt8]] = []
    var place = output.startIndex
    while place < output.endIndex, let end = output[place...].firstIndex(of: UInt8(ascii: "\n")) {
      let facts = output[place..<end].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      guard facts.count == 3, facts[1] == "blob", let size = Int(facts[2]), size <= output.endIndex - end - 2 else {
        break
      }
      contents.append(Array(output[(end + 1)..<(end + 1 + size)]))
      place = end + size + 2
    }
    guard contents.count == objects.count else {
      throw ArchiveTrouble("the repository cannot be read: git: an object is cut off")
    }
    return contents
  }

  /// False where the remote did not take it.
  func push(_ commit: String) throws(ArchiveTrouble) -> ArchiveTrouble? {
    let ended = try ended(["push", "--porcelain", GitArea.remote, "\(commit):refs/heads/\(target.branch)"])
    return ended.isDone ? nil : trouble("does not take the commit", ended)
  }

  // MARK: objects of Git LFS

  /// Sends objects that lie in the area; those that the remote has are not sent again.
  func sendObjects(_ digests: [String]) throws(ArchiveTrouble) {
    _ = try run(["lfs", "push", "--object-id", GitArea.remote] + digests, "does not take a file")
  }

  /// Fetches the objects that a commit of the area points to. Whatever is not there afterwards could not be had: why is
  /// returned.
  func fetchObjects(_ commit: String) throws(ArchiveTrouble) -> (trouble: ArchiveTrouble?, isMissing: Bool) {
    let ended = try ended(["lfs", "fetch", "--include=", "--exclude=", GitArea.remote, commit])
    if ended.isDone { return (nil, false) }
    return (trouble("does not give a file", ended), Self.signsOfDamage.contains { ended.complaint.contains($0) })
  }

  /// What Git LFS says where the server answered, and what it has is not what was asked for.
  private static let signsOfDamage = [
    "invalid hash", "expected OID", "missing object", "does not exist on the server", "[404]",
  ]
}
