internal import PolicyCore

extension ReferencePlanner {
  struct Inode: Hashable {
    let host: ByteString
    let device: UInt64
    let number: UInt64
  }

  func bytes(_ entity: Int) -> Int64 {
    guard case .known(.amount(let size)) = world.read(FactReference("bytes"), of: entity) else { return 0 }
    return size.wholeNumber ?? 0
  }

  /// Bytes of files that have one name only.
  private func unshared(_ entity: Int) -> Int64 {
    max(0, bytes(entity) - world.entities[entity].links.reduce(0) { $0 + $1.bytes })
  }

  private func inode(_ link: HardLink, _ entity: Int) -> Inode {
    Inode(host: world.roots[world.entities[entity].root].host, device: link.device, number: link.inode)
  }

  /// Σ bytes(e) of members, what is going inside them left out, content with several names counted once.
  func usage(_ members: [Int], isGoing: (Int) -> Bool) -> Int64 {
    var sum: Int64 = 0
    var names: [Inode: (count: Int64, bytes: Int64)] = [:]
    for member in members {
      var own = fault == .linksCountTwice ? bytes(member) : unshared(member)
      if fault != .linksCountTwice {
        for link in world.entities[member].links {
          names[inode(link, member), default: (0, link.bytes)].count += link.inside
        }
      }
      for inner in world.entities.indices
      where fault != .quotaCountsGoing && world.entities[inner].kind == .checkpoint && runs[inner] == member
        && isGoing(inner)
      {
        own -= unshared(inner)
        for link in world.entities[inner].links { names[inode(link, inner)]?.count -= link.inside }
      }
      // A run whose size is unreadable counts as nothing, not as less than nothing.
      sum += max(0, own)
    }
    for (_, name) in names where name.count > 0 { sum += name.bytes }
    return sum
  }

  /// What moving a set of entities (each with all that lies in it) takes off the disk: content with other names
  /// elsewhere stays.
  func freed(_ gone: [Int]) -> Int64 {
    var sum: Int64 = 0
    var names: [Inode: (count: Int64, link: HardLink)] = [:]
    for entity in gone where !isInside(entity, gone) {
      sum += unshared(entity)
      for link in world.entities[entity].links { names[inode(link, entity), default: (0, link)].count += link.inside }
    }
    for (_, name) in names where name.count >= name.link.total { sum += name.link.bytes }
    return sum
  }

  /// A checkpoint whose run is in the list as well: its bytes are the run's.
  private func isInside(_ entity: Int, _ list: [Int]) -> Bool {
    guard world.entities[entity].kind == .checkpoint, let run = runs[entity] else { return false }
    return list.contains(run)
  }

  /// All that moves with entities of which none lies in another, each inode once.
  func weight(_ entities: [Int]) -> Int64 {
    var sum: Int64 = 0
    var seen: Set<Inode> = []
    let parts = entities + entities.flatMap(descendants).filter { world.entities[$0].kind == .run }
    for part in parts {
      sum += unshared(part)
      for link in world.entities[part].links where seen.insert(inode(link, part)).inserted { sum += link.bytes }
    }
    return sum
  }
}
