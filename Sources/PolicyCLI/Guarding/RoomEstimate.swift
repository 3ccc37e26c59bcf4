internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyReport
internal import PolicyScan

/// How much the coming run will take: what the latest runs of its project took.
struct RoomEstimate {
  /// Bytes.
  let need: Int64
  /// Absolute: the run that the estimate comes from.
  let model: ByteString
  /// How many runs were looked at.
  let count: Int
  /// Whether these came to their end; else it takes at least so much.
  let isOfFinished: Bool

  /// So many of the latest finished runs: older ones tell of other models.
  static let latest = 5

  /// `nil` where no run of the caller's tells anything.
  ///
  /// - Parameter run: where the coming run will be, absolute, if that is known; runs beside it are its project.
  init?(_ snapshot: Snapshot, run: ByteString?, uid: UInt32) {
    typealias Ended = (index: Int, path: ByteString, end: Int64, bytes: Int64)
    var (finished, others): ([Ended], [Ended]) = ([], [])
    var existing: Int64 = 0
    for (index, entity) in snapshot.entities.enumerated() where entity.kind == .run {
      guard entity.identity.map({ $0.uid == uid }) ?? false,
        case .value(.integer(let bytes)) = entity.facts.fact("bytes")
      else { continue }
      let path = Self.path(entity, snapshot)
      if path == run { existing = bytes }
      if entity.facts.fact("state") == .value(.text("finished")),
        case .value(.integer(let end)) = entity.facts.fact("finished_at")
      {
        finished.append((index, path, end, bytes))
      } else if path != run, case .value(.integer(let end)) = entity.facts.fact("modified_at") {
        others.append((index, path, end, bytes))
      }
    }
    // Where none came to its end, it takes at least as much as those took until then.
    isOfFinished = !finished.isEmpty
    var known = isOfFinished ? finished : others
    if let run {
      let project = Self.parent(run)
      let beside = known.filter { Self.parent($0.path) == project }
      if !beside.isEmpty { known = beside }
    }
    known.sort { $0.end > $1.end }
    let isStripped = isOfFinished
    let latest = known.prefix(Self.latest).map {
      ($0.path, $0.bytes + (isStripped ? Self.stripped($0.index, snapshot) : 0))
    }
    guard let largest = latest.max(by: { $0.1 < $1.1 }) else { return nil }
    (model, need, count) = (largest.0, max(0, largest.1 - existing), latest.count)
  }

  /// What the end of a training took off again: until then `last.pt` and `best.pt` hold the optimizer, too. AdamW keeps two
  /// figures of four bytes for each weight of two, SGD one.
  private static func stripped(_ run: Int, _ snapshot: Snapshot) -> Int64 {
    guard ["ultralytics", "yolov5", "yolov7"].contains(snapshot.entities[run].layout) else { return 0 }
    var bytes: Int64 = 0
    for entity in snapshot.entities where entity.kind == .checkpoint && entity.parent == run {
      guard case .value(.text(let role)) = entity.facts.fact("role"), role == "best" || role == "last",
        case .value(.integer(let size)) = entity.facts.fact("bytes")
      else { continue }
      bytes += 4 * size
    }
    return bytes
  }

  private static func path(_ entity: Entity, _ snapshot: Snapshot) -> ByteString {
    let root = snapshot.roots[entity.root].path
    return entity.path.isEmpty ? root : ByteString(root.bytes + [UInt8(ascii: "/")] + entity.path.bytes)
  }

  static func parent(_ path: ByteString) -> ByteString {
    let slash = path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0
    return slash == 0 ? "/" : ByteString(path.bytes[..<slash])
  }
}
