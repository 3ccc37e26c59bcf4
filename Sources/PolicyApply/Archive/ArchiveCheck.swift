internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// Reads archives and backups back and compares them with their manifests: every entry, every byte.
enum ArchiveCheck {
  static let largestManifest = 1 << 30

  /// The manifest of an archive's folder. `digest`: what its owner's journal says of it, where that is known.
  static func manifest(_ folder: Folder, digest: String? = nil) throws(ArchiveTrouble) -> ArchiveManifest {
    guard let name = Name(ArchivePlace.manifest) else { throw ArchiveTrouble("no name") }
    let bytes: [UInt8]
    do throws(SystemError) {
      let content = try folder.directory.readFile(name, limit: largestManifest)
      guard !content.isCut else { throw SystemError(errno: 27, call: "read") }
      bytes = content.bytes
    } catch {
      throw ArchiveTrouble("the manifest cannot be read: \(error.text)", cause: error, isDamage: error.isAbsence)
    }
    if let digest, SHA256Digest.hex(of: bytes) != digest {
      throw ArchiveTrouble.damaged("the manifest is not the one that the journal tells of")
    }
    do throws(ArchiveManifest.Unreadable) {
      return try ArchiveManifest.decode(bytes)
    } catch {
      throw ArchiveTrouble.damaged(error.reason)
    }
  }

  /// Throws where the archive is not what the manifest says. `goOn` is asked between pieces.
  static func verify(
    _ folder: Folder, _ manifest: ArchiveManifest, goOn: () throws(ArchiveTrouble) -> Void = {}
  ) throws(ArchiveTrouble) {
    let reader = try open(folder, manifest)
    for expected in manifest.entries {
      try goOn()
      try unsafe compare(try reader.next(), expected, reader, goOn: goOn) { _, _ throws(ArchiveTrouble) in }
    }
    try reader.end(manifest)
  }

  /// Throws where something of a backup in a folder is missing or of another size. Reads no content.
  static func look(_ folder: Folder, _ manifest: ArchiveManifest) throws(ArchiveTrouble) {
    let reader = TreeReader(folder, manifest.entries)
    for _ in manifest.entries { _ = try reader.next() }
  }

  static func open(_ folder: Folder, _ manifest: ArchiveManifest) throws(ArchiveTrouble) -> any EntryReader {
    if manifest.form == .backup { return TreeReader(folder, manifest.entries) }
    guard let name = Name(manifest.file.bytes) else { throw ArchiveTrouble.damaged("the archive has no usable name") }
    do {
      let file = try folder.directory.openFile(name)
      guard file.status.size == manifest.size else {
        throw ArchiveTrouble.damaged(
          "the archive is \(file.status.size) bytes long, and \(manifest.size) were written: it is cut off or changed")
      }
      file.forgetPages()
      return try TarReader(file)
    } catch let error as ArchiveTrouble {
      throw error
    } catch let error as SystemError {
      throw ArchiveTrouble("the archive cannot be read: \(error.text)", cause: error, isDamage: error.isAbsence)
    } catch {
      throw ArchiveTrouble("the archive cannot be read")
    }
  }

  /// Compares what was read with what was written, content and all; `body` gets the content.
  static func compare(
    _ found: ArchiveEntry?, _ expected: ArchiveEntry, _ reader: any EntryReader,
    goOn: () throws(ArchiveTrouble) -> Void = {},
    _ body: (UnsafeRawBufferPointer, Int64) throws(ArchiveTrouble) -> Void
  ) throws(ArchiveTrouble) {
    let shown = expected.path.displayText
    guard var found else { throw ArchiveTrouble.damaged("\(shown) is missing") }
    found.segments = expected.segments
    if expected.kind == .link { found.size = expected.size }
    var plain = expected
    plain.digest = nil
    guard found == plain else { throw ArchiveTrouble.damaged("\(shown) is not as it was") }
    guard expected.kind == .file else { return }
    var digest = ContentDigest(isOfDataAlone: expected.isDigestOfDataAlone)
    try unsafe reader.content { bytes, offset throws(ArchiveTrouble) in
      guard bytes.count <= expected.size, offset <= expected.size - Int64(bytes.count),
        unsafe digest.add(bytes, at: offset)
      else { throw ArchiveTrouble.damaged("\(shown) is longer than it was") }
      try unsafe body(bytes, offset)
      try goOn()
    }
    let isWhole = expected.segments == nil || digest.stored == expected.storedBytes
    guard digest.finish(size: expected.size) == expected.digest, isWhole else {
      throw ArchiveTrouble.damaged("the content of \(shown) is not as it was")
    }
  }
}
