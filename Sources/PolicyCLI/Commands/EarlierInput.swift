internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport

/// Brings the snapshot of `--since`. It only makes a search faster: one that cannot serve is said, and everything is
/// searched.
enum EarlierInput {
  static func read(
    _ path: String, _ settings: ScanSettings, _ facts: [FactDeclaration], clock: Timestamp
  ) throws -> Snapshot? {
    let content = Files.read(path)
    if case .failure(let failure) = content {
      return without(path, failure.isMissing ? "there is no such file yet" : failure.reason)
    }
    guard case .success(let bytes) = content else { return nil }
    try InputKind.expect(.snapshot, bytes, path)
    // What it says of a run decides about the run, and root decides about everybody's.
    if let fault = TrustedFile.objection(to: path) { return without(path, "others could change it: \(fault)") }
    guard let snapshot = decode(bytes, path) else { return without(path, "it cannot be read") }
    guard let scannedAt = snapshot.scannedAt else { return without(path, "it was written by hand") }
    guard scannedAt <= clock else { return without(path, "it is of a later time than now") }
    if let key = SnapshotSettings.difference(snapshot, settings, facts) {
      return without(path, "it was taken under another `\(key)`")
    }
    return snapshot
  }

  private static func decode(_ bytes: [UInt8], _ path: String) -> Snapshot? {
    if PackedSnapshot.isOne(bytes) { return try? PackedSnapshot.decode(bytes).snapshot }
    return SnapshotCodec.decode(bytes, path: path).snapshot
  }

  private static func without(_ path: String, _ reason: String) -> Snapshot? {
    Console.note("nothing is taken over from \(DisplayText.escape(path)): \(reason)")
    return nil
  }
}
