internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// Writes one archive and its manifest into a folder of their own, synced when it returns.
struct ArchiveWriting {
  let changes: FileChanges
  let format: ArchiveSettings.Format
  let level: Int?
  /// Asked between pieces.
  let goOn: () throws(ArchiveTrouble) -> Void

  /// What was written, and the summary of the tree as it was read.
  struct Written {
    var manifest: ArchiveManifest
    var manifestDigest: String
    var summary: TreeSummary
  }

  func write(
    _ parent: Folder, _ name: Name, _ origin: ArchiveManifest.Origin, into folder: Folder, file: ByteString
  ) throws(ArchiveTrouble) -> Written {
    guard let fileName = Name(file.bytes), let manifestName = Name(ArchivePlace.manifest) else {
      throw ArchiveTrouble("it has no usable name")
    }
    do {
      let output = Output(changes, try changes.openFile(folder.directory, fileName, exclusive: true))
      let writer = try TarWriter(format, level: level)
      let goOn = goOn
      var packer = TreePacker(writer, top: name) { () throws(ArchiveTrouble) in
        try goOn()
        try output.append(writer.take())
      }
      let summary = try TreeWalk.walk(parent.directory.open(name), visitor: &packer)
      if let trouble = packer.trouble { throw trouble }
      try writer.close()
      try output.append(writer.take())
      try output.sync()
      let manifest = ArchiveManifest(
        origin: origin, file: file, size: output.size, digest: output.digest, entries: packer.entries)
      let text = manifest.encode()
      let manifestFile = try changes.openFile(folder.directory, manifestName, exclusive: true)
      try changes.write(manifestFile, text, at: 0)
      try changes.sync(manifestFile)
      try changes.sync(folder.directory)
      return Written(manifest: manifest, manifestDigest: SHA256Digest.hex(of: text), summary: summary)
    } catch let trouble as ArchiveTrouble {
      throw trouble
    } catch let error as SystemError {
      throw ArchiveTrouble(Self.sentence(error), cause: error)
    } catch {
      throw ArchiveTrouble("the archive cannot be written")
    }
  }

  static func sentence(_ error: SystemError) -> String {
    error.isLackOfSpace
      ? "the archive does not fit: \(error.text) where the archives go" : "the archive cannot be written: \(error.text)"
  }

  /// The file that grows.
  private final class Output {
    private let changes: FileChanges
    private let file: WritableFile
    private(set) var size: Int64 = 0
    private var hash = SHA256Digest()

    init(_ changes: FileChanges, _ file: consuming WritableFile) {
      self.changes = changes
      self.file = file
    }

    func append(_ bytes: [UInt8]) throws(ArchiveTrouble) {
      guard !bytes.isEmpty else { return }
      do throws(SystemError) {
        try changes.write(file, bytes, at: size)
      } catch {
        throw ArchiveTrouble(ArchiveWriting.sentence(error), cause: error)
      }
      hash.update(bytes)
      size += Int64(bytes.count)
    }

    func sync() throws(SystemError) { try changes.sync(file) }

    var digest: String { Hexadecimal.encode(hash.finish()) }
  }
}
