internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Copies entries into a folder, synced when they are finished; what is there already, and the same byte for byte, is left
/// as it is.
///
/// A file that an interrupted copy left is compared while its source is read, and written from the first difference on.
/// Where an earlier backup has the file, a further name of that one is compared instead: an inode with another name
/// elsewhere is never written into.
final class FolderCopy: EntrySink {
  /// An earlier backup of the same thing.
  struct Earlier {
    let folder: Folder
    let files: [ByteString: ArchiveEntry]
  }

  private let changes: FileChanges
  private let folder: Folder
  private let earlier: Earlier?
  private let bandwidth: Bandwidth
  private let goOn: () throws(ArchiveTrouble) -> Void
  /// The directory that was begun last: what is no directory lies in it.
  private var current: Folder
  private var copying: Copying?
  /// The first error of the target: nothing else is its fault.
  private(set) var failure: SystemError?
  /// What has to be read back.
  private(set) var written: [ArchiveEntry] = []
  private static let temporary = ".copying"
  static let reserved: [ByteString] = [ByteString(temporary), ByteString(ArchivePlace.manifest)]
  private static let piece: Int64 = 1 << 20

  private final class Writing {
    let file: WritableFile
    /// Under another name until it is whole: its own is a further name of something else.
    let isTemporary: Bool
    init(_ file: consuming WritableFile, isTemporary: Bool = false) {
      self.file = file
      self.isTemporary = isTemporary
    }
  }

  private final class Copying {
    let entry: ArchiveEntry
    let name: Name
    var place: Int64 = 0
    /// What is there; compared as long as nothing differs.
    var old: OpenedFile?
    /// What is written, from the first difference on.
    var file: Writing?

    init(_ entry: ArchiveEntry, _ name: Name) {
      self.entry = entry
      self.name = name
    }
  }

  init(
    _ changes: FileChanges, into folder: Folder, earlier: Earlier?, bandwidth: Bandwidth,
    goOn: @escaping () throws(ArchiveTrouble) -> Void
  ) {
    self.changes = changes
    self.folder = folder
    self.earlier = earlier
    self.bandwidth = bandwidth
    self.goOn = goOn
    current = folder
  }

  func begin(_ entry: ArchiveEntry) throws(ArchiveTrouble) {
    try goOn()
    guard let path = RelativePath(entry.path.bytes), let name = path.split?.last else {
      throw ArchiveTrouble("\(entry.path.displayText) has no usable name")
    }
    try target(entry) { () throws(SystemError) in
      switch entry.kind {
      case .symlink: break
      case .directory: try makeDirectory(path)
      case .link: try makeFurtherName(entry, name)
      case .file: copying = try open(entry, name)
      }
    }
  }

  private func makeDirectory(_ path: RelativePath) throws(SystemError) {
    guard let parts = path.split else { return }
    let parent = try folder.folder(parts.parent)
    if try parent.statusIfThere(parts.last).map({ $0.type != .directory }) ?? false { try remove(parent, parts.last) }
    if try parent.statusIfThere(parts.last) == nil {
      try changes.makeDirectory(parent.directory, parts.last, mode: 0o700)
    }
    current = try parent.folder(parts.last)
  }

  private func makeFurtherName(_ entry: ArchiveEntry, _ name: Name) throws(SystemError) {
    guard let first = RelativePath((entry.target ?? "").bytes)?.split else { return }
    let home = try folder.folder(first.parent)
    let original = try home.directory.status(first.last)
    if let there = try current.statusIfThere(name) {
      if there.isSameObject(as: original) { return }
      try remove(current, name)
    }
    do throws(SystemError) {
      try changes.makeName(current.directory, name, of: home.directory, first.last)
    } catch {
      guard Self.hasNoLinks(error) else { throw error }
      let file = try changes.openFile(current.directory, name, exclusive: true)
      try copy(OpenedFile(home.directory.openFile(first.last)), upTo: entry.size, to: file)
      try changes.sync(file)
    }
    written.append(entry)
  }

  private func open(_ entry: ArchiveEntry, _ name: Name) throws(SystemError) -> Copying {
    let copying = Copying(entry, name)
    // What would lie in a hole is not read from the source: such a file is written anew.
    if let there = try current.statusIfThere(name), there.type != .regular || entry.segments != nil {
      try remove(current, name)
    }
    if try current.statusIfThere(name) == nil, entry.segments == nil { try linkEarlier(entry, name) }
    if try current.statusIfThere(name) != nil {
      copying.old = OpenedFile(try current.directory.openFile(name))
    } else {
      copying.file = Writing(try changes.openFile(current.directory, name, exclusive: true))
    }
    return copying
  }

  private func linkEarlier(_ entry: ArchiveEntry, _ name: Name) throws(SystemError) {
    guard let earlier, let before = earlier.files[entry.path], before.size == entry.size,
      before.modified == entry.modified, let path = RelativePath(before.path.bytes)?.split,
      let home = try? earlier.folder.folder(path.parent),
      let status = try? home.directory.status(path.last), status.type == .regular
    else { return }
    do throws(SystemError) {
      try changes.makeName(current.directory, name, of: home.directory, path.last)
    } catch {
      guard Self.hasNoLinks(error) else { throw error }
    }
  }

  func write(_ bytes: [UInt8]) throws(ArchiveTrouble) {
    guard let copying else { return }
    try goOn()
    try target(copying.entry) { () throws(SystemError) in
      if copying.file == nil {
        let there = try copying.old?.file.read(at: copying.place, count: bytes.count) ?? []
        if there != bytes { copying.file = try diverge(copying) }
      }
      if let writing = copying.file { try changes.write(writing.file, bytes, at: copying.place) }
    }
    copying.place += Int64(bytes.count)
    if copying.file != nil { try bandwidth.use(bytes.count, goOn: goOn) }
  }

  func skip(_ count: Int64) throws(ArchiveTrouble) { copying?.place += count }

  /// From here on it is written: into the file that is there, or into a new one with what was the same so far.
  private func diverge(_ copying: Copying) throws(SystemError) -> Writing {
    guard let old = copying.old, old.file.status.links > 1 else {
      return Writing(try changes.openFile(current.directory, copying.name, exclusive: false))
    }
    guard let temporary = Name(Self.temporary) else { throw SystemError(errno: EINVAL, call: "openat") }
    if try folder.statusIfThere(temporary) != nil { try remove(folder, temporary) }
    let file = try changes.openFile(folder.directory, temporary, exclusive: true)
    try copy(old, upTo: copying.place, to: file)
    return Writing(file, isTemporary: true)
  }

  private func copy(
    _ old: OpenedFile, upTo end: Int64, to file: borrowing WritableFile
  ) throws(SystemError) {
    var place: Int64 = 0
    while place < end {
      let bytes = try old.file.read(at: place, count: Int(min(Self.piece, end - place)))
      guard !bytes.isEmpty else { throw SystemError(errno: EIO, call: "pread") }
      try changes.write(file, bytes, at: place)
      place += Int64(bytes.count)
    }
  }

  func finishEntry() throws(ArchiveTrouble) {
    guard let copying else { return }
    self.copying = nil
    let entry = copying.entry
    try target(entry) { () throws(SystemError) in
      if copying.file == nil, let old = copying.old, old.file.status.size != entry.size {
        copying.file = try diverge(copying)
      }
      guard let writing = copying.file else { return }
      try changes.truncate(writing.file, to: entry.size)
      try changes.sync(writing.file)
      if writing.isTemporary, let temporary = Name(Self.temporary) {
        try changes.unlink(current.directory, copying.name)
        try changes.move(folder.directory, temporary, to: current.directory, copying.name)
      }
      // For people who look; the manifest tells it as well, and some shares keep no times.
      try? changes.setModified(current.directory, copying.name, entry.modified)
      written.append(entry)
    }
  }

  /// Removes what an interrupted copy left and the source has no more, and makes the folders last.
  func finish(_ entries: [ArchiveEntry]) throws(ArchiveTrouble) {
    guard let top = entries.first else { return }
    try target(top) { () throws(SystemError) in
      for stranger in try TreeReader.strangers(folder, entries) { try remove(stranger.parent, stranger.name) }
      let listing = try folder.directory.list()
      for index in listing.indices where Array(listing.bytes(index)) != top.path.bytes {
        try remove(folder, listing.name(index))
      }
      for entry in entries.reversed() where entry.kind == .directory {
        if let path = RelativePath(entry.path.bytes) { try changes.sync(folder.folder(path).directory) }
      }
    }
  }

  /// Compares what was written with what was read.
  func readBack(_ entries: [ArchiveEntry]) throws(ArchiveTrouble) {
    let names = Set(written.map(\.path))
    let mine = entries.filter { names.contains($0.path) }
    let reader = TreeReader(folder, mine)
    do throws(ArchiveTrouble) {
      for entry in mine {
        try goOn()
        try unsafe ArchiveCheck.compare(try reader.next(), entry, reader, goOn: goOn) { _, _ throws(ArchiveTrouble) in }
      }
    } catch {
      if let cause = error.cause { failure = failure ?? cause }
      guard error.isDamage else { throw error }
      failure = failure ?? SystemError(errno: EIO, call: "pread")
      throw ArchiveTrouble("the copy does not verify: \(error.reason)", cause: error.cause, isDamage: true)
    }
  }

  private func remove(_ parent: Folder, _ name: Name) throws(SystemError) {
    try TreeRemoval(changes: changes, uid: geteuid(), seen: nil).remove(parent, name)
  }

  private static func hasNoLinks(_ error: SystemError) -> Bool {
    [EPERM, EOPNOTSUPP, EMLINK, ENOSYS, EXDEV].contains(error.errno)
  }

  private func target(
    _ entry: ArchiveEntry, _ body: () throws(SystemError) -> Void
  ) throws(ArchiveTrouble) {
    try reaching(entry.path, body)
  }

  /// Does something in the target; what goes wrong is its fault.
  func reaching(_ path: ByteString, _ body: () throws(SystemError) -> Void) throws(ArchiveTrouble) {
    do throws(SystemError) {
      try body()
    } catch {
      failure = failure ?? error
      throw ArchiveTrouble(Self.sentence(error, path), cause: error)
    }
  }

  static func sentence(_ error: SystemError, _ path: ByteString) -> String {
    switch error.errno {
    case _ where error.isLackOfSpace: "the backup does not fit: \(error.text) where backups go"
    case ENAMETOOLONG, EINVAL, EILSEQ, EFBIG: "the target cannot hold \(path.displayText): \(error.text)"
    case ENOENT, ENOTDIR, ESTALE, ENOTCONN, ENODEV, ENXIO, EHOSTDOWN, EHOSTUNREACH, ETIMEDOUT:
      "the folder for backups is gone: \(error.text); is its volume mounted?"
    case _: "the backup cannot be written: \(error.text)"
    }
  }

  /// Only this item is none that the target can hold; any other error is the target's own.
  static func isOfItemAlone(_ error: SystemError) -> Bool {
    [ENAMETOOLONG, EINVAL, EILSEQ, EFBIG].contains(error.errno)
  }
}
