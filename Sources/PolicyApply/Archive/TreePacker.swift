internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Feeds a tree to what keeps it, from the descriptors of one walk: no name is resolved twice, no link followed.
///
/// A directory comes first, then what lies in it that is no directory, then its directories. Whatever no copy can
/// keep, cannot be read or changes meanwhile ends the packing with `trouble`.
struct TreePacker: TreeVisitor {
  private struct Inode: Hashable {
    let device: UInt64
    let inode: UInt64
  }

  private let writer: any EntrySink
  private let form: ArchiveManifest.Form
  /// Takes the written bytes away; also asked whether to go on.
  private let drain: () throws(ArchiveTrouble) -> Void
  private(set) var entries: [ArchiveEntry] = []
  /// What ended it.
  private(set) var trouble: ArchiveTrouble?
  /// Paths of the directories that are being walked.
  private var open: [ByteString] = []
  private var next: ByteString
  /// The place among `entries` of the first name of each file that has several.
  private var firstNames: [Inode: Int] = [:]
  private static let piece: Int64 = 1 << 20

  init(
    _ writer: any EntrySink, _ form: ArchiveManifest.Form = .archive, top: Name,
    drain: @escaping () throws(ArchiveTrouble) -> Void
  ) {
    self.writer = writer
    self.form = form
    self.drain = drain
    next = ByteString(top.bytes)
  }

  mutating func enter(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ status: FileStatus
  ) -> Bool {
    open.append(next)
    guard trouble == nil else { return true }
    do throws(ArchiveTrouble) {
      let attributes: [ExtendedAttribute]
      do throws(SystemError) {
        attributes = try directory.attributes()
      } catch {
        throw Self.unreadable(next, error)
      }
      try add(Self.entry(.directory, next, status, attributes: attributes))
      for index in listing.indices where listing.typeHint(index) != .directory {
        try pack(directory, listing.name(index))
      }
    } catch {
      trouble = error
    }
    return true
  }

  mutating func descent(_ listing: DirectoryListing, _ index: Int) -> Descent {
    next = path(listing.name(index))
    return .enter
  }

  mutating func leave(_ summary: TreeSummary) { open.removeLast() }

  mutating func skipped(_ listing: DirectoryListing, _ index: Int, _ reason: SkippedEntry) {
    let shown = path(listing.name(index)).displayText
    trouble =
      trouble
      ?? {
        switch reason {
        case .mount: ArchiveTrouble("another file system is mounted inside it, at \(shown)")
        case .unreadable(let error): ArchiveTrouble("\(shown) cannot be read: \(error.text)", cause: error)
        }
      }()
  }

  /// One file that is no directory, by its name.
  mutating func packAlone(_ directory: borrowing DirectoryDescriptor, _ name: Name) {
    do throws(ArchiveTrouble) {
      try pack(directory, name)
    } catch {
      trouble = error
    }
  }

  private func path(_ name: Name) -> ByteString { (open.last ?? "").appending(ByteString(name.bytes)) }

  private mutating func add(_ entry: ArchiveEntry) throws(ArchiveTrouble) {
    try writer.begin(entry)
    try drain()
    entries.append(entry)
  }

  private mutating func pack(
    _ directory: borrowing DirectoryDescriptor, _ name: Name
  ) throws(ArchiveTrouble) {
    let path = path(name)
    do {
      let status = try directory.status(name)
      switch status.type {
      case .directory: break
      case .symlink:
        let target = ByteString(try directory.linkTarget(name))
        try add(Self.entry(.symlink, path, status, target: target))
      case .other:
        throw ArchiveTrouble("it holds a pipe, socket or device, which no \(form.rawValue) keeps: \(path.displayText)")
      case .regular: try pack(try directory.openFile(name), path)
      }
    } catch let error as SystemError {
      throw Self.unreadable(path, error)
    } catch let error as ArchiveTrouble {
      throw error
    } catch {
      throw ArchiveTrouble("\(path.displayText) cannot be read")
    }
  }

  private mutating func pack(_ file: consuming RegularFile, _ path: ByteString) throws {
    let status = file.status
    let inode = Inode(device: status.device, inode: status.inode)
    if status.links > 1, let first = firstNames[inode] {
      var link = entries[first]
      (link.kind, link.target, link.path, link.attributes) = (.link, entries[first].path, path, [])
      return try add(link)
    }
    var entry = Self.entry(.file, path, status, attributes: try file.attributes())
    entry.segments = try file.segments().map { $0.map { ArchiveEntry.Segment(offset: $0.offset, length: $0.length) } }
    try writer.begin(entry)
    var digest = ContentDigest(isOfDataAlone: entry.isDigestOfDataAlone)
    var place: Int64 = 0
    for segment in entry.segments ?? [ArchiveEntry.Segment(offset: 0, length: status.size)] {
      try writer.skip(segment.offset - place)
      place = segment.offset
      let end = segment.offset + segment.length
      while place < end {
        let bytes = try file.read(at: place, count: Int(min(Self.piece, end - place)))
        guard !bytes.isEmpty else { throw changed(path) }
        _ = unsafe bytes.withUnsafeBytes { unsafe digest.add($0, at: place) }
        try writer.write(bytes)
        try drain()
        place += Int64(bytes.count)
      }
    }
    try writer.skip(status.size - place)
    try writer.finishEntry()
    let after = try file.currentStatus()
    guard after.size == status.size, after.modified == status.modified, after.changed == status.changed else {
      throw changed(path)
    }
    entry.digest = digest.finish(size: status.size)
    if status.links > 1 { firstNames[inode] = entries.count }
    entries.append(entry)
    try drain()
  }

  private func changed(_ path: ByteString) -> ArchiveTrouble {
    ArchiveTrouble("\(path.displayText) changed while it was \(form == .archive ? "archived" : "copied")")
  }

  private static func unreadable(_ path: ByteString, _ error: SystemError) -> ArchiveTrouble {
    ArchiveTrouble("\(path.displayText) cannot be read: \(error.text)", cause: error)
  }

  private static func entry(
    _ kind: ArchiveEntry.Kind, _ path: ByteString, _ status: FileStatus, target: ByteString? = nil,
    attributes: [ExtendedAttribute] = []
  ) -> ArchiveEntry {
    ArchiveEntry(
      path: path, kind: kind, mode: kind == .symlink ? 0o777 : status.mode, uid: status.uid, gid: status.gid,
      modified: status.modified, size: kind == .file ? status.size : 0, target: target,
      attributes: attributes.map { ArchiveEntry.Attribute(name: ByteString($0.name), value: $0.value) })
  }
}
