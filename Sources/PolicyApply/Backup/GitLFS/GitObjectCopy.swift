internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Sends the files of a walk to Git LFS, some at a time: each is copied into the area by our descriptors, so that no path of
/// the run is ever opened by another program, and is gone from there when it was sent.
///
/// INVARIANT: nothing is sent under a digest that it does not have: a server that checks nothing would keep it for good.
final class GitObjectCopy: EntrySink {
  private let git: Git
  private let changes: FileChanges
  /// Of the files, by path.
  private let planned: [ByteString: GitPointer]
  private let areaPath: ByteString
  private var known: Set<String> = []
  private var waiting: [GitPointer] = []
  private var copying: Copying?
  /// What ended it was the run's, or this machine's: not the remote's.
  private(set) var isOwnFault = false

  private final class Copying {
    let path: ByteString
    let pointer: GitPointer
    let file: WritableFile
    var digest = ContentDigest(isOfDataAlone: false)
    var place: Int64 = 0

    init(_ path: ByteString, _ pointer: GitPointer, _ file: consuming WritableFile) {
      self.path = path
      self.pointer = pointer
      self.file = file
    }

    func isWhole() -> Bool { digest.finish(size: pointer.size) == pointer.digest }
  }

  init(_ git: Git, _ changes: FileChanges, _ entries: [ArchiveEntry]) {
    self.git = git
    self.changes = changes
    areaPath = ByteString(git.area.path)
    planned = Dictionary(
      entries.compactMap { entry in GitPointer(entry).map { (entry.path, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  func begin(_ entry: ArchiveEntry) throws(ArchiveTrouble) {
    try git.goOn()
    guard entry.kind == .file else { return }
    guard let pointer = planned[entry.path], pointer.size == entry.size else { throw changed(entry.path) }
    guard pointer.hasObject, !known.contains(pointer.digest) else { return }
    try locally { () throws(SystemError) in
      let (folder, name) = try git.area.place(of: pointer.digest, making: true)
      copying = Copying(entry.path, pointer, try changes.openFile(folder.directory, name, exclusive: true))
    }
  }

  func write(_ bytes: [UInt8]) throws(ArchiveTrouble) {
    guard let copying else { return }
    try git.goOn()
    guard unsafe bytes.withUnsafeBytes({ unsafe copying.digest.add($0, at: copying.place) }) else {
      throw changed(copying.path)
    }
    try locally { () throws(SystemError) in try changes.write(copying.file, bytes, at: copying.place) }
    copying.place += Int64(bytes.count)
  }

  func skip(_ count: Int64) throws(ArchiveTrouble) { copying?.place += count }

  func finishEntry() throws(ArchiveTrouble) {
    guard let copying else { return }
    self.copying = nil
    guard copying.isWhole() else { throw changed(copying.path) }
    try locally { () throws(SystemError) in
      try changes.truncate(copying.file, to: copying.pointer.size)
      // A repository on the same disk takes the file itself for its object.
      try changes.sync(copying.file)
    }
    known.insert(copying.pointer.digest)
    waiting.append(copying.pointer)
    if GitPointer.parts(waiting + [copying.pointer]).count > 1 { try flush() }
  }

  /// Sends what is still here.
  func flush() throws(ArchiveTrouble) {
    guard !waiting.isEmpty else { return }
    try git.sendObjects(waiting.map(\.digest))
    waiting = []
    try locally { () throws(SystemError) in try git.area.emptyStore() }
  }

  private func changed(_ path: ByteString) -> ArchiveTrouble {
    isOwnFault = true
    return ArchiveTrouble("\(path.displayText) changed while it was copied")
  }

  private func locally(_ body: () throws(SystemError) -> Void) throws(ArchiveTrouble) {
    do throws(SystemError) {
      try body()
    } catch {
      isOwnFault = true
      throw GitArea.trouble(error, areaPath)
    }
  }
}
