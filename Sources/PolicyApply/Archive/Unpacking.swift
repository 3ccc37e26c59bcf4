internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Unpacks one archive, or copies one backup back, into a folder, and nowhere else.
///
/// Every name is stepped down to by descriptors below a folder made for it, never through a link; what is there is never
/// written into. Everything is compared with the manifest while it is written, and gets its own name when all of it was
/// right: so whatever is found under that name is whole.
struct Unpacking {
  let changes: FileChanges
  let manifest: ArchiveManifest
  /// Files become the caller's. For root those of the archive's owner stay that one's; and everybody's do where root
  /// itself made the archive (`isOwn`): in another one any owner may stand.
  let isRoot: Bool
  let isOwn: Bool
  let goOn: () throws(ArchiveTrouble) -> Void

  struct Result: Equatable {
    /// The name that it has in the folder.
    var name: ByteString
    var entries = 0
    /// Whose owner is another one than in the archive.
    var foreign = 0
    /// Sentences about what could not be brought back as it was.
    var left: [String] = []
  }

  func unpack(_ archive: Folder, into destination: Folder, as wanted: ByteString?) throws(ArchiveTrouble) -> Result {
    guard let top = manifest.entries.first, RelativePath(top.path.bytes)?.names.count == 1,
      top.kind == .directory || (manifest.form == .backup && top.kind == .file && manifest.entries.count == 1)
    else {
      throw ArchiveTrouble.damaged("the \(manifest.form.rawValue) does not begin with one folder")
    }
    guard let name = Name((wanted ?? top.path).bytes),
      let partial = Name(Array(name.bytes.prefix(200)) + Array(".unpacking-\(getpid())".utf8))
    else { throw ArchiveTrouble("`\((wanted ?? top.path).displayText)` is no name for a folder") }
    do {
      guard try destination.statusIfThere(name) == nil else {
        throw ArchiveTrouble(
          "`\(ByteString(name.bytes).displayText)` is there already, and nothing is ever overwritten")
      }
      try changes.makeDirectory(destination.directory, partial, mode: 0o700)
      do {
        let folder = try destination.folder(partial)
        if top.kind == .file { return try takeBack(top, archive, folder, partial, destination, name) }
        let result = try fill(folder, archive, name, top.path)
        try changes.syncFileSystem(of: destination.directory)
        try finish(destination, partial, top)
        try changes.rename(in: destination, partial, to: name)
        try changes.sync(destination.directory)
        return result
      } catch {
        try? TreeRemoval(changes: changes, uid: geteuid(), seen: nil).remove(destination, partial)
        throw error
      }
    } catch let trouble as ArchiveTrouble {
      throw trouble
    } catch let error as SystemError {
      throw ArchiveTrouble("it cannot be unpacked: \(error.text)", cause: error)
    } catch {
      throw ArchiveTrouble("it cannot be unpacked")
    }
  }

  /// A checkpoint that is one file: written in a folder of its own, and moved out of it when it is whole.
  private func takeBack(
    _ top: ArchiveEntry, _ backup: Folder, _ folder: Folder, _ partial: Name, _ destination: Folder, _ name: Name
  ) throws -> Result {
    let reader = try ArchiveCheck.open(backup, manifest)
    var result = Result(name: ByteString(name.bytes), entries: 1)
    try write(top, try reader.next(), reader, folder, name, &result)
    try reader.end(manifest)
    try changes.syncFileSystem(of: folder.directory)
    try changes.move(folder.directory, name, to: destination.directory, name)
    try changes.removeDirectory(destination.directory, partial)
    try changes.sync(destination.directory)
    return result
  }

  private func fill(
    _ folder: Folder, _ archive: Folder, _ name: Name, _ top: ByteString
  ) throws -> Result {
    let reader = try ArchiveCheck.open(archive, manifest)
    var result = Result(name: ByteString(name.bytes))
    var directories: [(RelativePath, ArchiveEntry)] = []
    for entry in manifest.entries {
      try goOn()
      let path = try self.path(entry.path, below: top)
      let found = try reader.next()
      if let parts = path.split {
        let parent = try folder.folder(parts.parent)
        switch entry.kind {
        case .file: try write(entry, found, reader, parent, parts.last, &result)
        case .directory:
          try unsafe ArchiveCheck.compare(found, entry, reader) { _, _ throws(ArchiveTrouble) in }
          try changes.makeDirectory(parent.directory, parts.last, mode: 0o700)
        case .symlink:
          try unsafe ArchiveCheck.compare(found, entry, reader) { _, _ throws(ArchiveTrouble) in }
          try link(entry, parent, parts, &result)
        case .link:
          try unsafe ArchiveCheck.compare(found, entry, reader) { _, _ throws(ArchiveTrouble) in }
          guard let first = try self.path(entry.target ?? "", below: top).split else { throw outside(entry.path) }
          let home = try folder.folder(first.parent)
          guard try home.directory.status(first.last).type == .regular else { throw outside(entry.path) }
          try changes.makeName(parent.directory, parts.last, of: home.directory, first.last)
        }
      } else {
        try unsafe ArchiveCheck.compare(found, entry, reader) { _, _ throws(ArchiveTrouble) in }
      }
      if entry.kind == .directory { directories.append((path, entry)) }
      result.entries += 1
    }
    try reader.end(manifest)
    // From the inside out: whatever is put into a folder changes its time.
    for (path, entry) in directories.reversed() {
      let own = try folder.folder(path)
      try dress(own.directory.rawValue, entry, &result)
      if let parts = path.split {
        try changes.setModified(try folder.folder(parts.parent).directory, parts.last, entry.modified)
      }
    }
    return result
  }

  /// The whole folder's own time, which making its entries changed.
  private func finish(_ destination: Folder, _ partial: Name, _ top: ArchiveEntry) throws(SystemError) {
    try changes.setModified(destination.directory, partial, top.modified)
  }

  private func write(
    _ entry: ArchiveEntry, _ found: ArchiveEntry?, _ reader: any EntryReader, _ parent: Folder, _ name: Name,
    _ result: inout Result
  ) throws {
    let file = try changes.openFile(parent.directory, name, exclusive: true)
    let descriptor = file.rawValue
    try changes.truncate(file, to: entry.size)
    var failure: SystemError?
    do throws(ArchiveTrouble) {
      try unsafe ArchiveCheck.compare(found, entry, reader, goOn: goOn) { bytes, offset throws(ArchiveTrouble) in
        do throws(SystemError) {
          try unsafe changes.write(file, bytes, at: offset)
        } catch {
          failure = error
          throw ArchiveTrouble("it cannot be unpacked: \(error.text)", cause: error)
        }
      }
    } catch {
      throw failure.map { ArchiveTrouble("it cannot be unpacked: \($0.text)", cause: $0) } ?? error
    }
    try dress(descriptor, entry, &result)
    try changes.setModified(parent.directory, name, entry.modified)
  }

  /// Owner, attributes and mode, in the order in which one does not undo the other.
  private func dress(_ descriptor: Int32, _ entry: ArchiveEntry, _ result: inout Result) throws(SystemError) {
    let isOwners = own(entry)
    if isOwners {
      do throws(SystemError) {
        try changes.setOwner(descriptor, entry.uid, entry.gid)
      } catch {
        guard error.errno == EPERM else { throw error }
        note("\(entry.path.displayText): group \(entry.gid): \(error.text)", &result)
      }
    } else {
      result.foreign += 1
    }
    for attribute in entry.attributes {
      do throws(SystemError) {
        try changes.setAttribute(descriptor, attribute.name.bytes, attribute.value)
      } catch {
        guard [EPERM, EACCES, EOPNOTSUPP, EINVAL].contains(error.errno) else { throw error }
        note("\(entry.path.displayText): attribute \(attribute.name.displayText): \(error.text)", &result)
      }
    }
    // Others' special bits are not for the one who unpacks to give.
    let isPlain = entry.mode & 0o6000 == 0 || isOwners
    if !isPlain { note("\(entry.path.displayText): set-id bits are left out", &result) }
    try changes.setMode(descriptor, isPlain ? entry.mode : entry.mode & 0o1777)
  }

  private func own(_ entry: ArchiveEntry) -> Bool {
    isRoot ? isOwn || entry.uid == manifest.origin.uid : entry.uid == geteuid()
  }

  private func link(
    _ entry: ArchiveEntry, _ parent: Folder, _ parts: (parent: RelativePath, last: Name), _ result: inout Result
  ) throws(SystemError) {
    let target = entry.target ?? ""
    guard Self.staysInside(target, from: parts.parent.names.count) else {
      return note(
        "\(entry.path.displayText): a link to \(target.displayText), outside of the run, is left out", &result)
    }
    try changes.makeLink(parent.directory, parts.last, to: target.bytes)
    if isRoot, own(entry) { try changes.setOwner(parent.directory, parts.last, entry.uid, entry.gid) }
    try changes.setModified(parent.directory, parts.last, entry.modified)
  }

  /// Whether a link at this depth points to something in the run, however it is read.
  static func staysInside(_ target: ByteString, from depth: Int) -> Bool {
    guard let first = target.bytes.first, first != UInt8(ascii: "/"), !target.bytes.contains(0) else { return false }
    // `..` behind a name may be that of another link, and lead anywhere.
    let parts = target.components.filter { $0 != "." }
    let ups = parts.prefix { $0 == ".." }.count
    return ups <= depth && !parts.dropFirst(ups).contains("..")
  }

  private func note(_ sentence: String, _ result: inout Result) {
    if result.left.count < 100 { result.left.append(sentence) }
  }

  private func path(_ path: ByteString, below top: ByteString) throws(ArchiveTrouble) -> RelativePath {
    guard let whole = RelativePath(path.bytes), let first = whole.names.first, first.bytes == top.bytes else {
      throw outside(path)
    }
    return RelativePath(Array(whole.names.dropFirst()))
  }

  private func outside(_ path: ByteString) -> ArchiveTrouble {
    ArchiveTrouble.damaged("\(path.displayText) would be unpacked outside of its folder")
  }
}
