import FuzzDriver
import PolicyCore
import PolicyFormats

@testable import PolicyScan

/// Any bytes as one of the small files that tell something of a run or of what was done to it: read for what they are or
/// refused, whatever they hold. The first byte chooses the kind.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRecords(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let all = Array(UnsafeBufferPointer(start: data, count: size))
  guard let kind = all.first else { return 0 }
  let bytes = Array(all.dropFirst())
  switch kind {
  case UInt8(ascii: "c"): checkpoint(bytes)
  case UInt8(ascii: "a"): arguments(bytes)
  case UInt8(ascii: "l"):
    if let lock = TrainingLock(parsing: bytes) {
      precondition(
        lock.process > 0 && TrainingLock(parsing: Array(lock.text.utf8)) != nil, "a lock that nobody can read")
    }
  case UInt8(ascii: "t"): _ = TrashInfoText.decode(bytes)
  case UInt8(ascii: "p"):
    if let pins = try? PinsCodec.decode(bytes) {
      let again = PinsCodec.encode(pins)
      precondition((try? PinsCodec.decode(again)).map { PinsCodec.encode($0) } == again, "pins that do not come back")
    }
  case UInt8(ascii: "j"): _ = try? JournalCodec.read(bytes)
  case UInt8(ascii: "m"): _ = try? ArchiveManifest.decode(bytes)
  case UInt8(ascii: "y"): _ = PlanCodec.decode(bytes, path: "plan.json")
  case _: break
  }
  return 0
}

/// The header of a checkpoint: nothing is read from outside of the file, and no epoch that is not written there.
private func checkpoint(_ bytes: [UInt8]) {
  let header = CheckpointHeader(of: Int64(bytes.count)) { offset, count in
    precondition(offset >= 0 && count >= 0 && offset <= bytes.count, "read outside of the file")
    return Array(bytes.dropFirst(Int(offset)).prefix(count))
  }
  guard let header else { return }
  precondition(header.epoch == nil || bytes.firstRange(of: Array("epoch".utf8)) != nil, "an epoch of nobody's")
  if let version = header.version {
    precondition(bytes.firstRange(of: Array(version.utf8)) != nil, "a version of nobody's")
    _ = FitnessDefinition(version: version)
  }
}

/// Arguments as flat YAML, and as an assignment in Python.
private func arguments(_ bytes: [UInt8]) {
  let file = ArgumentFile(parsing: bytes)
  let config = PythonConfig(bytes)
  for key in ["epochs", "model", "val", "resume", "max_epochs", "load_from"] {
    if let count = file.count(key) { precondition(count > 0, "no count") }
    _ = file.bool(key)
    if let count = config.count(key) { precondition(count > 0, "no count") }
    if let text = config.text(key) { precondition(bytes.firstRange(of: text.bytes) != nil, "a text of nobody's") }
  }
}

/// The name under which the package manager looks for `main`.
@_cdecl("FuzzRecords_main")
public func start(_ count: CInt, _ arguments: Arguments) -> CInt {
  fuzz(count, arguments) { fuzzRecords($0, $1) }
}
