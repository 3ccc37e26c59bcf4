public import PolicyCore
internal import PolicyDigest

/// Several hosts under one `now`: quotas and groups then reach across them, and each host applies its own part.
public enum SnapshotMerger {
  /// Why snapshots cannot be merged, in words for people.
  public struct Failure: Error, Equatable, Sendable {
    public let message: String
  }

  /// Merges snapshots in any order.
  ///
  /// - Parameters:
  ///   - snapshots: each with its own digest.
  ///   - now: the moment of the merged snapshot, not before any of their `scanned_at`.
  /// - Returns: the normalised snapshot, and a digest over the sorted digests; of a single snapshot its own digest.
  public static func merge(
    _ snapshots: [(snapshot: Snapshot, digest: String)], now: Timestamp
  ) -> Result<(snapshot: Snapshot, digest: String), Failure> {
    // The order of the files on a command line must mean nothing.
    let sorted = snapshots.sorted { $0.digest.utf8.lexicographicallyPrecedes($1.digest.utf8) }
    guard let first = sorted.first else { return .failure(Failure(message: "there is no snapshot to merge")) }
    for (snapshot, _) in sorted {
      if let scannedAt = snapshot.scannedAt, now < scannedAt {
        return failure("`now` is \(now.rfc3339), before a snapshot that was taken at \(scannedAt.rfc3339)")
      }
    }
    var merged = Snapshot(now: now, roots: [])
    merged.scannedAt = sorted.compactMap(\.snapshot.scannedAt).max()
    if let message = settings(sorted.map(\.snapshot), &merged) { return failure(message) }
    for (snapshot, _) in sorted {
      if sorted.count > 1, snapshot.roots.contains(where: { $0.host.isEmpty }) {
        return failure("a snapshot without `host` cannot be merged with others")
      }
      let known = Set(merged.roots.map { [$0.host, $0.path] })
      for root in snapshot.roots where known.contains([root.host, root.path]) {
        let name = "\(EscapedName.escape(root.host).text):\(EscapedName.escape(root.path).text)"
        return failure("the root \(name) stands in two of the snapshots")
      }
      append(snapshot, to: &merged)
    }
    merged.volumes = volumes(sorted.map(\.snapshot))
    merged.normalise()
    let digests = CanonicalJSON.encode(.array(sorted.map { .string($0.digest) }))
    let digest = sorted.count == 1 ? first.digest : "sha256:" + SHA256Digest.hex(of: digests)
    return .success((merged, digest))
  }

  private static func failure(_ message: String) -> Result<(snapshot: Snapshot, digest: String), Failure> {
    .failure(Failure(message: message))
  }

  /// Takes over the settings that the snapshots agree on; says where they do not. One that records none joins in.
  private static func settings(_ snapshots: [Snapshot], _ merged: inout Snapshot) -> String? {
    for snapshot in snapshots {
      if let scan = snapshot.scan {
        if let other = merged.scan, let key = SnapshotSettings.difference(other, scan) {
          return "the snapshots were taken under different settings: `\(key)`"
        }
        merged.scan = merged.scan ?? scan
      }
      if let declared = snapshot.declaredFacts {
        if let other = merged.declaredFacts, let key = SnapshotSettings.difference(other, declared) {
          return "the snapshots were taken under different settings: `\(key)`"
        }
        merged.declaredFacts = merged.declaredFacts ?? declared
      }
    }
    return nil
  }

  private static func append(_ snapshot: Snapshot, to merged: inout Snapshot) {
    let offset = merged.roots.count
    merged.roots += snapshot.roots
    merged.entities += snapshot.entities.map { entity in
      var entity = entity
      entity.root += offset
      entity.parent = nil
      return entity
    }
    merged.trash += snapshot.trash.map { record in
      var record = record
      record.root += offset
      for index in record.contents.indices { record.contents[index].root += offset }
      return record
    }
    func moved(_ places: [ReportedPlace]) -> [ReportedPlace] {
      places.map { ReportedPlace(root: $0.root + offset, path: $0.path, reason: $0.reason) }
    }
    merged.unmatchedPins += moved(snapshot.unmatchedPins)
    merged.unreadable += moved(snapshot.unreadable)
    merged.unrecognised += moved(snapshot.unrecognised)
  }

  /// One entry a host and path. Of a volume that two scans saw, the later scan knows how full it is; where that does
  /// not decide, the emptier figure, which asks for less.
  private static func volumes(_ snapshots: [Snapshot]) -> [Volume] {
    var best: [[ByteString]: (volume: Volume, scannedAt: Timestamp?)] = [:]
    for snapshot in snapshots {
      for volume in snapshot.volumes {
        let key = [volume.host, volume.path]
        guard let other = best[key] else {
          best[key] = (volume, snapshot.scannedAt)
          continue
        }
        let (mine, theirs) = (
          snapshot.scannedAt?.nanoseconds ?? Int64.min, other.scannedAt?.nanoseconds ?? Int64.min
        )
        if mine > theirs || (mine == theirs && volume.used < other.volume.used) {
          best[key] = (volume, snapshot.scannedAt)
        }
      }
    }
    return best.values.map(\.volume).sorted { ($0.host, $0.path) < ($1.host, $1.path) }
  }
}
