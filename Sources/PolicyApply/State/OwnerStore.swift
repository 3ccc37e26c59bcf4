internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Everything that belongs to one owner in one root, opened, checked and locked: `.policy/<uid>/…`.
///
/// The lock is held as long as this lives. Nothing in here trusts a name twice: every folder is stepped down to by
/// descriptor, and must be a plain directory of this owner that nobody else can write.
final class OwnerStore {
  let root: Folder
  let rootPath: ByteString
  let uid: UInt32
  let host: ByteString
  /// Where lock, journal and pins are.
  let home: Folder
  /// Its absolute path, for programs that are handed one.
  let homePath: ByteString
  let info: Folder
  /// Where moved items go: `trash/files`, or the root itself where no directory can be made.
  let files: Folder
  /// Bytes before the record in an item's name: empty in `trash/files`.
  let prefix: [UInt8]
  /// Path of `files` as the journal names it: relative to the root, or absolute.
  let filesPath: ByteString
  let journal: JournalWriter
  let changes: FileChanges
  let clock: ApplyClock
  let stop: StopRequest
  /// What was found: for the journal.
  var notes: [String]
  private let locks: [HeldLock]

  init(
    root: Folder, rootPath: ByteString, uid: UInt32, host: ByteString, home: Folder, homePath: ByteString, info: Folder,
    files: Folder,
    prefix: [UInt8], filesPath: ByteString, journal: JournalWriter, changes: FileChanges, clock: ApplyClock,
    stop: StopRequest, notes: [String], locks: [HeldLock]
  ) {
    self.root = root
    self.rootPath = rootPath
    self.uid = uid
    self.host = host
    self.home = home
    self.homePath = homePath
    self.info = info
    self.files = files
    self.prefix = prefix
    self.filesPath = filesPath
    self.journal = journal
    self.changes = changes
    self.clock = clock
    self.stop = stop
    self.notes = notes
    self.locks = locks
  }

  /// Name of a record in `files`.
  func storedName(_ record: String) -> Name? { Name(prefix + Array(record.utf8)) }

  static func infoName(_ record: String) -> Name? { Name(record + StateLayout.infoSuffix) }

  /// Where a record lies, as the journal names it.
  func storedPath(_ name: Name) -> ByteString {
    filesPath.isEmpty
      ? ByteString(name.bytes) : ByteString(filesPath.bytes + [UInt8(ascii: "/")] + name.bytes)
  }

  /// The folder and name where an item was put, which need not be where new ones go.
  func location(of item: JournalItem) throws(SystemError) -> (folder: Folder, name: Name) {
    try location(item.stored)
  }

  private func location(_ stored: ByteString) throws(SystemError) -> (folder: Folder, name: Name) {
    guard let name = Name(stored.lastComponent.bytes) else { throw SystemError(errno: EINVAL, call: "open") }
    let parent = stored.bytes.dropLast(name.bytes.count)
    let trimmed = Array(parent.last == UInt8(ascii: "/") ? parent.dropLast() : parent)
    if ByteString(trimmed) == filesPath { return (files, name) }
    if stored.bytes.first == UInt8(ascii: "/") { return (try Folder(DirectoryDescriptor.openRoot(trimmed)), name) }
    guard let path = RelativePath(trimmed) else { throw SystemError(errno: EINVAL, call: "open") }
    return (try root.folder(path), name)
  }

  /// The folder that holds an entry of the root, and its name there. EINVAL for the root itself and for what is no path.
  func place(_ path: ByteString) throws(SystemError) -> (folder: Folder, name: Name) {
    guard let (parent, name) = RelativePath(path.bytes)?.split else { throw SystemError(errno: EINVAL, call: "open") }
    return (try root.folder(parent), name)
  }

  /// Opens the journal's account of this process's work.
  func begin(_ command: String, plan: String?, trigger: String, notes more: [String] = []) throws(ApplyFailure) {
    let run = JournalRun(
      command: command, plan: plan, trigger: trigger, uid: uid, host: host,
      root: Root(host: host, path: rootPath, device: root.status.device, inode: root.status.inode),
      notes: (notes + more).sorted())
    try journal.append([.begin(run)])
  }
}
