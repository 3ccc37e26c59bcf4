internal import PolicyCore
internal import PolicyFormats

/// Gives the entries of an archive, or of a backup, one after the other, as they are found.
protocol EntryReader: AnyObject {
  /// `nil` at the end. Without the digest, which comes from the content.
  func next() throws(ArchiveTrouble) -> ArchiveEntry?
  /// Every piece of the file that was read last, with its place.
  func content(_ body: (UnsafeRawBufferPointer, Int64) throws(ArchiveTrouble) -> Void) throws(ArchiveTrouble)
  /// Throws where there is more, or something else than the manifest says as a whole.
  func end(_ manifest: ArchiveManifest) throws(ArchiveTrouble)
}

extension TarReader: EntryReader {
  func end(_ manifest: ArchiveManifest) throws(ArchiveTrouble) {
    if let more = try next() {
      throw ArchiveTrouble.damaged("\(more.path.displayText) is in the archive and not in its manifest")
    }
    guard try finish() == TarReader.Whole(size: manifest.size, digest: manifest.digest) else {
      throw ArchiveTrouble.damaged("the archive's own checksum does not fit")
    }
  }
}
