internal import Glibc
internal import PolicyCore
internal import PolicyFiles

/// A bare repository of our own, for one backup that is made or read: it holds the branch's last commit, and the objects
/// that are on their way. Made anew each time, so nothing that an interrupted one left in it is ever believed.
final class GitArea {
  let path: String
  private let parent: Folder
  private let name: Name
  private let folder: Folder
  private let changes: FileChanges
  static let prefix = "git-lfs-"
  static let remote = "policy-target"

  /// `path`: of `parent`. Whatever lies there of this kind is removed first where `isOwners`: it is an interrupted one's.
  init(
    in parent: Folder, at path: ByteString, for target: GitTarget, isOwners: Bool, _ changes: FileChanges
  ) throws(ArchiveTrouble) {
    guard let place = path.utf8Text else {
      throw ArchiveTrouble("\(path.displayText) is no plain UTF-8, and git is handed it as text: name another folder")
    }
    if isOwners { Self.removeOld(parent, changes) }
    do throws(SystemError) {
      let (name, folder) = try Self.make(parent, changes)
      (self.name, self.folder) = (name, folder)
      self.path = place + "/" + String(decoding: name.bytes, as: UTF8.self)
      self.parent = parent
      self.changes = changes
      for part in ["objects", "refs", "lfs", "tmp"] {
        try changes.makeDirectory(folder.directory, Self.name(part), mode: 0o700)
      }
      try makeStore()
      try write("HEAD", "ref: refs/heads/none\n")
      try write("config", Self.configuration(target))
    } catch {
      throw Self.trouble(error, path)
    }
  }

  deinit { try? TreeRemoval(changes: changes, uid: geteuid(), seen: nil).remove(parent, name) }

  static func trouble(_ error: SystemError, _ path: ByteString) -> ArchiveTrouble {
    let hint = error.isLackOfSpace ? "; there must be room for the largest file, on its way to Git LFS" : ""
    return ArchiveTrouble("\(path.displayText) cannot be used: \(error.text)\(hint)", cause: error)
  }

  private static func name(_ text: String) throws(SystemError) -> Name {
    guard let name = Name(text) else { throw SystemError(errno: EINVAL, call: "open") }
    return name
  }

  private static func make(_ parent: Folder, _ changes: FileChanges) throws(SystemError) -> (Name, Folder) {
    for number in 0..<1000 {
      let name = try name("\(prefix)\(getpid())-\(number)")
      do throws(SystemError) {
        try changes.makeDirectory(parent.directory, name, mode: 0o700)
      } catch {
        guard error.errno == EEXIST else { throw error }
        continue
      }
      return (name, try parent.folder(name))
    }
    throw SystemError(errno: EEXIST, call: "mkdirat")
  }

  private static func removeOld(_ parent: Folder, _ changes: FileChanges) {
    guard let listing = try? parent.directory.list() else { return }
    for index in listing.indices where listing.bytes(index).starts(with: prefix.utf8) {
      try? TreeRemoval(changes: changes, uid: geteuid(), seen: nil).remove(parent, listing.name(index))
    }
  }

  private func write(_ name: String, _ text: String) throws(SystemError) {
    let file = try changes.openFile(folder.directory, Self.name(name), exclusive: true)
    try changes.write(file, Array(text.utf8), at: 0)
  }

  // MARK: objects

  private func makeStore() throws(SystemError) {
    let store = try folder.folder(Self.name("lfs"))
    try changes.makeDirectory(store.directory, Self.name("objects"), mode: 0o700)
  }

  /// Frees what the objects take.
  func emptyStore() throws(SystemError) {
    try TreeRemoval(changes: changes, uid: geteuid(), seen: nil).remove(folder, Self.name("lfs"))
    try changes.makeDirectory(folder.directory, Self.name("lfs"), mode: 0o700)
    try makeStore()
  }

  /// The folder of an object, and its name there. `making`: the folder is made where it is missing.
  func place(of digest: String, making: Bool = false) throws(SystemError) -> (folder: Folder, name: Name) {
    let parts = ["lfs", "objects", String(digest.prefix(2)), String(digest.dropFirst(2).prefix(2))]
    var own = folder
    for part in parts {
      let name = try Self.name(part)
      if making, try own.statusIfThere(name) == nil { try changes.makeDirectory(own.directory, name, mode: 0o700) }
      own = try own.folder(name)
    }
    return (own, try Self.name(digest))
  }

  // MARK: configuration

  /// Nothing of the user's own configuration may run a program here that carries nothing away, leave something out, or
  /// keep objects elsewhere. Where the user signs in, and by which proxy, stays the user's.
  private static func configuration(_ target: GitTarget) -> String {
    let url = target.repository.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return """
      [core]
      \trepositoryformatversion = 0
      \tbare = true
      \thooksPath = /dev/null
      \tattributesFile = /dev/null
      \tfsmonitor = false
      [remote "\(remote)"]
      \turl = "\(url)"
      [http]
      \tlowSpeedLimit = 1
      \tlowSpeedTime = 60
      [push]
      \tgpgSign = false
      \tfollowTags = false
      \trecurseSubmodules = no
      [fetch]
      \trecurseSubmodules = no
      \twriteCommitGraph = false
      [gc]
      \tauto = 0
      [maintenance]
      \tauto = false
      [lfs]
      \tstorage = lfs
      \tfetchinclude =
      \tfetchexclude =
      \tskipdownloaderrors = false
      \tallowincompletepush = false
      \tlocksverify = false
      \tdialtimeout = 15
      \ttlstimeout = 15
      \tactivitytimeout = 60
      [lfs "transfer"]
      \tmaxretries = 3

      """
  }
}
