internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Reads a backup that lies in a folder, in the order of its manifest: folders and files are looked for and read, and what
/// the manifest alone keeps (links, modes, attributes) is taken from it.
final class TreeReader: EntryReader {
  private let folder: Folder
  private let entries: [ArchiveEntry]
  private var place = 0
  private var file: OpenedFile?
  private static let piece: Int64 = 1 << 20

  init(_ folder: Folder, _ entries: [ArchiveEntry]) {
    self.folder = folder
    self.entries = entries
  }

  func next() throws(ArchiveTrouble) -> ArchiveEntry? {
    guard place < entries.count else { return nil }
    place += 1
    return try find(entries[place - 1])
  }

  /// Looks for one entry; the content of a file is read next.
  func find(_ expected: ArchiveEntry) throws(ArchiveTrouble) -> ArchiveEntry {
    file = nil
    var found = expected
    found.digest = nil
    do {
      guard expected.kind != .symlink, let path = RelativePath(expected.path.bytes), let parts = path.split else {
        return found
      }
      let parent = try folder.folder(parts.parent)
      if expected.kind == .directory {
        // A remote keeps no empty folders.
        let status = try parent.statusIfThere(parts.last)
        guard status == nil || status?.type == .directory else { throw changed(expected.path) }
        return found
      }
      // Nor further names: the first one has the content.
      if expected.kind == .link, try parent.statusIfThere(parts.last) == nil { return found }
      let opened = OpenedFile(try parent.directory.openFile(parts.last))
      guard opened.file.status.size == expected.size else {
        throw ArchiveTrouble.damaged(
          "\(expected.path.displayText) is \(opened.file.status.size) bytes long, and \(expected.size) were written")
      }
      file = opened
      if expected.kind == .link { try checkFurtherName(expected) }
      return found
    } catch let trouble as ArchiveTrouble {
      throw trouble
    } catch let error as SystemError {
      throw Self.unreadable(expected.path, error)
    } catch {
      throw ArchiveTrouble("\(expected.path.displayText) cannot be read")
    }
  }

  /// Of a further name nobody asks for the content, and it may lie there as a file of its own.
  private func checkFurtherName(_ expected: ArchiveEntry) throws(ArchiveTrouble) {
    var whole = expected
    whole.kind = .file
    var found = whole
    found.digest = nil
    try unsafe ArchiveCheck.compare(found, whole, self) { _, _ throws(ArchiveTrouble) in }
  }

  func content(
    _ body: (UnsafeRawBufferPointer, Int64) throws(ArchiveTrouble) -> Void
  ) throws(ArchiveTrouble) {
    guard let expected = place > 0 ? entries[place - 1] : entries.first else { return }
    try unsafe content(of: expected, body)
  }

  private func content(
    of expected: ArchiveEntry, _ body: (UnsafeRawBufferPointer, Int64) throws(ArchiveTrouble) -> Void
  ) throws(ArchiveTrouble) {
    let segments = expected.segments ?? [ArchiveEntry.Segment(offset: 0, length: expected.size)]
    for segment in segments {
      var offset = segment.offset
      let end = segment.offset + segment.length
      while offset < end {
        let bytes: [UInt8]
        do throws(SystemError) {
          bytes = try file?.file.read(at: offset, count: Int(min(Self.piece, end - offset))) ?? []
        } catch {
          throw Self.unreadable(expected.path, error)
        }
        guard !bytes.isEmpty else { throw changed(expected.path) }
        let trouble = unsafe bytes.withUnsafeBytes { buffer -> ArchiveTrouble? in
          do throws(ArchiveTrouble) {
            try unsafe body(buffer, offset)
            return nil
          } catch {
            return error
          }
        }
        if let trouble { throw trouble }
        offset += Int64(bytes.count)
      }
    }
  }

  /// Nothing else lies there.
  func end(_ manifest: ArchiveManifest) throws(ArchiveTrouble) {
    let stranger: ByteString?
    do throws(SystemError) {
      stranger = try Self.strangers(folder, manifest.entries).first?.path
    } catch {
      throw Self.unreadable(manifest.entries.first?.path ?? "", error)
    }
    if let stranger {
      throw ArchiveTrouble.damaged("\(stranger.displayText) is in the backup and not in its manifest")
    }
  }

  /// What lies in the folders of a backup and is not among its entries.
  static func strangers(
    _ folder: Folder, _ entries: [ArchiveEntry]
  ) throws(SystemError) -> [(path: ByteString, parent: Folder, name: Name)] {
    let known = Set(entries.filter { $0.kind != .symlink }.map(\.path))
    var strangers: [(path: ByteString, parent: Folder, name: Name)] = []
    for entry in entries where entry.kind == .directory {
      guard let path = RelativePath(entry.path.bytes) else { continue }
      let own: Folder
      do throws(SystemError) {
        own = try folder.folder(path)
      } catch {
        if error.errno == 2 { continue }
        throw error
      }
      let listing = try own.directory.list()
      for index in listing.indices {
        let name = listing.name(index)
        let path = entry.path.appending(ByteString(name.bytes))
        if !known.contains(path) { strangers.append((path, own, name)) }
      }
    }
    return strangers
  }

  private func changed(_ path: ByteString) -> ArchiveTrouble {
    ArchiveTrouble.damaged("\(path.displayText) is not as it was written")
  }

  private static func unreadable(_ path: ByteString, _ error: SystemError) -> ArchiveTrouble {
    ArchiveTrouble(
      error.isAbsence ? "\(path.displayText) is missing" : "\(path.displayText) cannot be read: \(error.text)",
      cause: error, isDamage: error.isAbsence)
  }
}

/// A file that several places hold; read from its disk, not from memory.
final class OpenedFile {
  let file: RegularFile
  init(_ file: consuming RegularFile) {
    self.file = file
    self.file.forgetPages()
  }
}
