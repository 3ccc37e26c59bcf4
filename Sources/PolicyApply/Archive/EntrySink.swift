internal import PolicyFormats

/// What a walked tree is written to, entry after entry: a tar file, or a folder.
protocol EntrySink: AnyObject {
  /// For everything but a file that is all.
  func begin(_ entry: ArchiveEntry) throws(ArchiveTrouble)
  /// The next bytes of the file.
  func write(_ bytes: [UInt8]) throws(ArchiveTrouble)
  /// A hole, or what is left of one.
  func skip(_ count: Int64) throws(ArchiveTrouble)
  func finishEntry() throws(ArchiveTrouble)
}

extension TarWriter: EntrySink {}
