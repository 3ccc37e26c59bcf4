internal import PolicyCore

/// Allocated bytes of several entities; content with several names counts once.
enum Usage {
  private struct Inode: Hashable {
    let host: ByteString
    let device: UInt64
    let inode: UInt64
  }

  static func bytes(of entities: [Entity], _ roots: [Root]) -> Int64 {
    var seen: Set<Inode> = []
    return entities.reduce(0) { total, entity in
      var bytes = max(0, entity.facts.integer("bytes") ?? 0)
      for link in entity.links
      where !seen.insert(Inode(host: roots[entity.root].host, device: link.device, inode: link.inode)).inserted {
        bytes -= min(bytes, max(0, link.bytes))
      }
      return sum(total, bytes)
    }
  }

  /// Clamped where it does not fit.
  static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}
