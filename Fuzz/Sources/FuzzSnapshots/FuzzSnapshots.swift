import FuzzDriver
import PolicyCore
import PolicyFormats

/// Any bytes as a snapshot: refused with a finding, or written and read again as the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSnapshots(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
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

/// The name under which the package manager looks for `main`.
@_cdecl("FuzzSnapshots_main")
public func start(_ count: CInt, _ arguments: Arguments) -> CInt {
  fuzz(count, arguments) { fuzzSnapshots($0, $1) }
}
