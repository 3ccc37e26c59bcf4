internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// Backups that `rclone` carries away: one folder of the remote for each content, named after the tree's digest, so that an
/// interrupted backup is gone on with and a whole one is found.
///
/// The run is read for its checksums → what the remote has already is read back → the rest is sent, and the manifest last →
/// everything is read back from the remote, and must be what the manifest says, no more and no less.
struct RcloneDestination: BackupDestination {
  let rclone: Rclone
  let folder: ByteString
  let bandwidth: Int64?
  private static let mostDigits = 16

  /// `isKnown`: that the target does not end on this machine was seen before.
  init(
    _ target: String, uid: UInt32, bandwidth: Int64?, isKnown: Bool,
    goOn: @escaping () throws(ArchiveTrouble) -> Void
  ) throws(ArchiveTrouble) {
    let remote = try RcloneTarget(planned: target)
    folder = remote.folder(uid)
    rclone = try Rclone(goOn: goOn)
    if !isKnown {
      let configuration = try rclone.configuration()
      try configuration.requireKnown(remote, isRoots: uid == 0)
      try configuration.requireElsewhere(remote)
    }
    self.bandwidth = bandwidth
  }

  func place(_ target: String, of path: ByteString, record: String, tree: String) -> BackupPlace {
    BackupPlace(target: target, folder: folder, of: path, record: String(tree.prefix(Self.mostDigits)))
  }

  func copy(_ work: BackupWork, _ fault: inout BackupFault) throws(ArchiveTrouble) -> BackupSeal {
    let place = work.place.path
    let (entries, summary) = try BackupReading.read(work.found, into: DigestSink(goOn: rclone.goOn))
    try work.requireSame(summary)
    if let odd = entries.first(where: { !Self.isPlain($0.path) }) {
      throw ArchiveTrouble("no remote holds \(odd.path.displayText) under its own name: it is no plain UTF-8")
    }
    let manifest = ArchiveManifest(origin: work.origin, entries: entries)
    let text = manifest.encode()
    let files = manifest.entries.filter { $0.kind == .file }
    fault = .doubtful
    let there = try rclone.digests(place) ?? [:]
    let wanted = Set(files.filter { there[$0.path] != $0.digest }.map(\.path))
    let copy = RemoteCopy(rclone, into: place, wanted: wanted, bandwidth: bandwidth)
    let again = try BackupReading.read(work.found, into: copy)
    fault = .items
    guard again.entries == entries else { throw ArchiveTrouble("something in it changed while it was copied") }
    fault = .doubtful
    try sendManifest(text, to: place)
    fault = .targets
    guard let found = try rclone.digests(place) else {
      throw ArchiveTrouble("the copy does not verify: it is not there")
    }
    try RcloneDestination.compare(found, manifest, SHA256Digest.hex(of: text))
    fault = .items
    try work.requireSame(again.summary)
    return BackupSeal(
      size: manifest.size, entries: Int64(manifest.entries.count), manifestSize: Int64(text.count),
      manifestDigest: SHA256Digest.hex(of: text))
  }

  private func sendManifest(_ text: [UInt8], to place: ByteString) throws(ArchiveTrouble) {
    let tool = try rclone.begin(
      place.appending(ByteString(ArchivePlace.manifest)), size: Int64(text.count), bandwidth: bandwidth)
    _ = try tool.write(text, goOn: rclone.goOn)
    let ended = try tool.end(goOn: rclone.goOn)
    guard ended.isDone else { throw Rclone.trouble("does not take the manifest", ended) }
  }

  /// What was read back from the remote is what the manifest says.
  static func compare(
    _ found: [ByteString: String], _ manifest: ArchiveManifest, _ manifestDigest: String
  ) throws(ArchiveTrouble) {
    var expected: [ByteString: String] = [ByteString(ArchivePlace.manifest): manifestDigest]
    for entry in manifest.entries where entry.kind == .file { expected[entry.path] = entry.digest }
    for (path, digest) in expected.sorted(by: { $0.key < $1.key }) where found[path] != digest {
      let what = found[path] == nil ? "is missing" : "is not as it was sent"
      throw ArchiveTrouble.damaged("the copy does not verify: \(path.displayText) \(what)")
    }
    if let stranger = found.keys.sorted().first(where: { expected[$0] == nil }) {
      throw ArchiveTrouble.damaged("\(stranger.displayText) is in the backup and not in its manifest")
    }
  }

  private static func isPlain(_ path: ByteString) -> Bool {
    String(validating: path.bytes, as: UTF8.self).map { text in
      !text.unicodeScalars.contains { $0.value < 32 || $0.value == 127 } && !text.contains("\\")
    } ?? false
  }
}
