/// One inode, wherever its names lie.
struct InodeKey: Hashable {
  let host: ByteString
  let device: UInt64
  let inode: UInt64
}

/// What one entity holds: its bytes without those of what is going inside it, inodes with other names apart.
struct Share {
  struct Linked {
    let key: InodeKey
    let bytes: Int64
    /// Names in this entity that are not going already, and names anywhere.
    let names: Int64
    let total: Int64
  }
  var plain: Int64
  var linked: [Linked]
}

/// Allocated bytes of a changing set of entities; hard-linked content counts once however many members hold it.
struct Usage {
  private(set) var total: Int64 = 0
  private var holders: [InodeKey: Int] = [:]

  mutating func add(_ share: Share) {
    total = total.saturatingAdd(share.plain)
    for link in share.linked {
      let count = holders[link.key, default: 0]
      if count == 0 { total = total.saturatingAdd(link.bytes) }
      holders[link.key] = count + 1
    }
  }

  mutating func remove(_ share: Share) {
    total -= min(total, share.plain)
    for link in share.linked {
      let count = holders[link.key, default: 0]
      if count == 1 { total -= min(total, link.bytes) }
      holders[link.key] = count - 1
    }
  }
}

/// Bytes that become free as things go, one after the other: an inode with its last name.
struct Freed {
  private(set) var total: Int64 = 0
  private var gone: [InodeKey: Int64] = [:]
  /// Allocated bytes moved, each inode once.
  private(set) var moved = Usage()

  /// Counts an entity and all that goes with it, and marks it in `going`.
  mutating func take(_ entity: Int, _ fate: Going.Fate, _ going: inout Going, _ roots: [Root]) {
    // A checkpoint's bytes are among its run's.
    for member in going.tree.withRunsBelow(entity) where !going.isGoing[member] {
      let share = going.share(of: member, roots)
      moved.add(share)
      // What is archived lies on another volume than its root.
      guard going.tree.entities[member].tier == .live else { continue }
      total = total.saturatingAdd(share.plain)
      for link in share.linked {
        let names = gone[link.key, default: 0].saturatingAdd(link.names)
        gone[link.key] = names
        if names >= link.total, names - link.names < link.total { total = total.saturatingAdd(link.bytes) }
      }
    }
    going.set(entity, fate)
  }
}

extension Going {
  func share(of entity: Int, _ roots: [Root]) -> Share {
    let subject = tree.entities[entity]
    let host = roots[subject.root].host
    var plain = subject.storedBytes - min(subject.storedBytes, subject.linkedBytes)
    var goingNames: [InodeKey: Int64] = [:]
    if subject.kind == .run {
      for child in tree.children(of: entity) where tree.entities[child].kind == .checkpoint && fates[child] != .stays {
        let checkpoint = tree.entities[child]
        plain -= min(plain, checkpoint.storedBytes - min(checkpoint.storedBytes, checkpoint.linkedBytes))
        for link in checkpoint.links { goingNames[link.key(host), default: 0] += max(0, link.inside) }
      }
    }
    let linked = subject.links.compactMap { link -> Share.Linked? in
      let names = link.inside - goingNames[link.key(host), default: 0]
      guard names > 0 else { return nil }
      return Share.Linked(key: link.key(host), bytes: max(0, link.bytes), names: names, total: link.total)
    }
    return Share(plain: plain, linked: linked)
  }
}

extension Entity {
  /// The stored `bytes` fact, 0 where it is not known.
  var storedBytes: Int64 {
    guard let column = shape.bytesColumn else { return 0 }
    let stored = withFacts { bytes, start -> Int64? in
      var position = start + 1
      guard bytes[start] == 0 else { return nil }
      for _ in 0..<column { PackedSpan.skipValue(bytes, &position) }
      guard bytes[position] == PackedCell.integer else { return 0 }
      position += 1
      return PackedSpan.signed(bytes, &position)
    }
    if let stored { return max(0, stored) }
    // Something is unreadable, perhaps this.
    guard case .value(.integer(let bytes)) = facts.fact("bytes") else { return 0 }
    return max(0, bytes)
  }

  fileprivate var linkedBytes: Int64 { links.reduce(0) { $0.saturatingAdd(max(0, $1.bytes)) } }
}

extension HardLink {
  fileprivate func key(_ host: ByteString) -> InodeKey { InodeKey(host: host, device: device, inode: inode) }
}

extension Int64 {
  /// Sizes come from files that others write: a sum that overflows stops at the largest number.
  func saturatingAdd(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }
}
