internal import PolicyCore
internal import PolicyFiles

/// Keras. Its users choose all names; a run is a directory with saved models or weights, in itself or in a folder of
/// checkpoints, and the CSV file of one `CSVLogger`: `epoch` first, the other columns in order, a loss among them.
struct KerasLayout: Layout {
  let name = BuiltInLayouts.keras.name
  let metrics = BuiltInLayouts.keras.metrics
  private static let folders = ["checkpoints", "checkpoint", "ckpt", "weights", "models"]
  private static let backups = ["backup", "backups"]

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    guard listing.contains(where: Self.mayBeLog) else { return false }
    guard listing.contains(where: { Self.stem($0) != nil }) || Self.holdsWeights(directory, listing) else {
      return false
    }
    return !Self.logs(directory, listing).isEmpty && !listing.isWorkplace
  }

  private static func mayBeLog(_ name: ArraySlice<UInt8>) -> Bool {
    FileNames.stem(name, ending: ".csv") != nil || FileNames.stem(name, ending: ".log") != nil
  }

  private static func holdsWeights(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing) -> Bool {
    for folder in folders + backups where listing.holds(folder) {
      guard let name = Name(folder), let opened = try? directory.open(name), let files = try? opened.list() else {
        continue
      }
      if files.contains(where: { stem($0) != nil }) { return true }
    }
    return false
  }

  /// Files that begin as `CSVLogger` begins them.
  private static func logs(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing) -> [String] {
    listing.indices.compactMap { index in
      let own = listing.bytes(index)
      guard mayBeLog(own), let name = String(validating: own, as: UTF8.self) else { return nil }
      let bytes = FileHead.read(directory, name)
      let head = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
      guard let end = head.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      let columns = CSVTable.trimmed(head[..<end]).split(separator: UInt8(ascii: ","))
        .map { String(decoding: $0, as: UTF8.self) }
      let rest = columns.dropFirst()
      guard columns.first == "epoch", rest.contains("loss") else { return nil }
      return rest.elementsEqual(rest.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }) ? name : nil
    }
  }

  /// The name of a model or of weights without its ending.
  private static func stem(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard name.first != 46 else { return nil }
    for ending in [".weights.h5", ".keras", ".h5", ".hdf5"] {
      if let stem = FileNames.stem(name, ending: ending) { return stem }
    }
    return nil
  }

  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    guard !isDirectory else { return nil }
    let parts = path.split(separator: UInt8(ascii: "/"))
    guard let name = parts.last, parts.count <= 2, let stem = Self.stem(name) else { return nil }
    if parts.count == 2 {
      if Self.backups.contains(where: { $0.utf8.elementsEqual(parts[0]) }) { return CheckpointName(role: .last) }
      guard Self.folders.contains(where: { $0.utf8.elementsEqual(parts[0]) }) else { return nil }
    }
    let text = String(decoding: stem, as: UTF8.self).lowercased()
    if text.contains("best") { return CheckpointName(role: .best) }
    for word in ["last", "latest", "final"] where text.contains(word) { return CheckpointName(role: .last) }
    guard let number = Self.number(stem) else { return CheckpointName(role: .other) }
    return CheckpointName(role: .epoch, number: number)
  }

  /// The only whole number of a name such as `weights.05-0.12`: the epoch, counted from 1. With several nobody can tell.
  private static func number(_ stem: ArraySlice<UInt8>) -> Int64? {
    var found: [Int64] = []
    var rest = stem
    while let start = rest.firstIndex(where: { (48...57).contains($0) }) {
      let run = rest[start...].prefix { (48...57).contains($0) }
      let end = run.endIndex
      rest = rest[end...]
      if rest.first == UInt8(ascii: "."), let next = rest.dropFirst().first, (48...57).contains(next) {
        // A fraction: a metric's value.
        rest = rest.dropFirst().drop { (48...57).contains($0) }
      } else if let number = FileNames.number(run) {
        found.append(number)
      }
    }
    return found.count == 1 ? found[0] : nil
  }

  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    // Names count from 1, rows from 0.
    draft.nameShift = -1
    let logs = Self.logs(directory, listing)
    guard logs.count == 1, let log = logs.first else {
      draft.refuseMetrics(nil, "ambiguous-metrics", "\(logs.count) files look like the log of the training")
      return
    }
    draft.readSparseTable(directory, log, metrics, none: ["NA"])
  }
}
