internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport

/// Brings the snapshot of `--since`. It only makes a search faster: one that cannot serve is said, and everything is
/// searched.
enum EarlierInput {
  static func read(
    _ path: String, _ settings: ScanSettings, _ facts: [FactDeclaration], clock: Timestamp
  ) throws -> Snapshot? {
    // A pipe would be waited for, and a device has no end.
    if Files.isDevice(path) { return without(path, "it is no regular file") }
    let packed = PackedFile(path)
    var bytes: [UInt8] = []
    if packed == nil {
      switch Files.read(path) {
      case .failure(let failure):
        return without(path, failure.isMissing ? "there is no such file yet" : failure.reason)
      case .success(let content): bytes = content
      }
      try InputKind.expect(.snapshot, bytes, path)
    }
    // What it says of a run decides about the run, and root decides about everybody's.
    if let fault = TrustedFile.objection(to: path) { return without(path, "others could change it: \(fault)") }
    let snapshot: Snapshot
    do throws(PackedSnapshot.Fault) {
      if let packed {
        snapshot = try packed.decode(isLinked: false).snapshot
      } else {
        snapshot = try decode(bytes, path)
      }
    } catch {
      return without(path, error.message)
    }
    guard let scannedAt = snapshot.scannedAt else { return without(path, "it was written by hand") }
    guard scannedAt <= clock else { return without(path, "it is of a later time than now") }
    if let key = SnapshotSettings.difference(snapshot, settings, facts) {
      return without(path, "it was taken under another `\(key)`")
    }
    return snapshot
  }

  private static func decode(_ bytes: [UInt8], _ path: String) throws(PackedSnapshot.Fault) -> Snapshot {
    // Through standard input.
    if PackedSnapshot.isOne(bytes) { return try PackedSnapshot.decode(bytes, isLinked: false).snapshot }
    if let snapshot = SnapshotCodec.decode(bytes, path: path).snapshot { return snapshot }
    throw PackedSnapshot.Fault(message: "it is damaged, or no snapshot; `policy snapshot --from` says where")
  }

  private static func without(_ path: String, _ reason: String) -> Snapshot? {
    Console.note("nothing is taken over from \(DisplayText.escape(path)): \(reason)")
    return nil
  }
}
