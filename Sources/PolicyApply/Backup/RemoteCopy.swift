internal import PolicyCore
internal import PolicyFormats

/// Takes the entries of a walk for their checksums alone.
final class DigestSink: EntrySink {
  private let goOn: () throws(ArchiveTrouble) -> Void
  init(goOn: @escaping () throws(ArchiveTrouble) -> Void) { self.goOn = goOn }
  func begin(_ entry: ArchiveEntry) throws(ArchiveTrouble) { try goOn() }
  func write(_ bytes: [UInt8]) throws(ArchiveTrouble) { try goOn() }
  func skip(_ count: Int64) throws(ArchiveTrouble) {}
  func finishEntry() throws(ArchiveTrouble) {}
}

/// Sends the files of a walk to a remote, each by a call of `rclone rcat` that reads what we write to it: so no path of the
/// run is ever opened by another program.
final class RemoteCopy: EntrySink {
  private let rclone: Rclone
  private let folder: ByteString
  /// Paths of the files to send; the others are there.
  private let wanted: Set<ByteString>
  private let bandwidth: Int64?
  private var sending: (path: ByteString, tool: RunningTool)?
  private static let zeros = [UInt8](repeating: 0, count: 1 << 20)

  init(_ rclone: Rclone, into folder: ByteString, wanted: Set<ByteString>, bandwidth: Int64?) {
    self.rclone = rclone
    self.folder = folder
    self.wanted = wanted
    self.bandwidth = bandwidth
  }

  func begin(_ entry: ArchiveEntry) throws(ArchiveTrouble) {
    try rclone.goOn()
    guard entry.kind == .file, wanted.contains(entry.path) else { return }
    sending = (entry.path, try rclone.begin(folder.appending(entry.path), size: entry.size, bandwidth: bandwidth))
  }

  func write(_ bytes: [UInt8]) throws(ArchiveTrouble) {
    guard let sending else { return }
    if try !sending.tool.write(bytes, goOn: rclone.goOn) { try end() }
  }

  /// A remote has no holes.
  func skip(_ count: Int64) throws(ArchiveTrouble) {
    var left = count
    while left > 0, sending != nil {
      try write(Array(Self.zeros.prefix(Int(min(left, Int64(Self.zeros.count))))))
      left -= Int64(Self.zeros.count)
    }
  }

  func finishEntry() throws(ArchiveTrouble) { try end() }

  private func end() throws(ArchiveTrouble) {
    guard let sending else { return }
    self.sending = nil
    let ended = try sending.tool.end(goOn: rclone.goOn)
    guard ended.isDone else { throw Rclone.trouble("does not take \(sending.path.displayText)", ended) }
  }
}
