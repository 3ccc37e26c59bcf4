import Foundation
import FuzzDriver
import PolicyCore
import PolicyDigest
import PolicyFormats

/// Any bytes as a snapshot: refused with a finding, or written and read again as the same. Those that begin like a packed one
/// are taken for all of it but the digest, which is put behind them: what is inside must not be believed for its sake.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSnapshots(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
  if PackedSnapshot.isOne(bytes) {
    checkPacked(bytes)
    return 0
  }
  let result = SnapshotCodec.decode(bytes, path: "s.jsonl")
  guard let snapshot = result.snapshot else {
    precondition(!result.diagnostics.isEmpty, "neither a snapshot nor a finding")
    return 0
  }
  let written = SnapshotCodec.encode(snapshot)
  let again = SnapshotCodec.decode(written, path: "s.jsonl")
  precondition(again.snapshot.map { SnapshotCodec.encode($0) } == written, "does not come back")
  return 0
}

private func checkPacked(_ body: [UInt8]) {
  guard let snapshot = try? PackedSnapshot.decode(body + SHA256Digest.hash(body)).snapshot else { return }
  precondition(!SnapshotCodec.encode(snapshot).isEmpty)
  guard let again = try? PackedSnapshot.decode(packed(snapshot)).snapshot else { preconditionFailure("does not come back") }
  precondition(again == snapshot, "comes back as another one")
}

private func packed(_ snapshot: Snapshot) -> [UInt8] {
  var bytes: [UInt8] = []
  PackedSnapshot.encode(snapshot, digest: nil) { bytes += $0 }
  return bytes
}

/// The packed forms of the snapshots that lie there, without their digests.
private func writeSeeds(to folder: String) {
  var written = 0
  for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
    let path = URL(fileURLWithPath: folder + "/" + name)
    guard let data = try? Data(contentsOf: path), let snapshot = SnapshotCodec.decode(Array(data), path: name).snapshot
    else { continue }
    let body = packed(snapshot).dropLast(SHA256Digest.byteCount)
    if (try? Data(body).write(to: path.appendingPathExtension("packed"))) != nil { written += 1 }
  }
  precondition(written > 0, "no seed was written")
}

/// The name under which the package manager looks for `main`.
@_cdecl("FuzzSnapshots_main")
public func start(_ count: CInt, _ arguments: Arguments) -> CInt {
  if let folder = seedFolder(count, arguments) {
    writeSeeds(to: folder)
    return 0
  }
  return fuzz(count, arguments) { fuzzSnapshots($0, $1) }
}
