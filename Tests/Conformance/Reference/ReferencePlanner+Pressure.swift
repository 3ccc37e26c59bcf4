internal import PolicyCore

extension ReferencePlanner {
  // MARK: Purges

  private func age(ofRecord record: Int) -> Int64? {
    let at = snapshot.trash[record].trashedAt.nanoseconds
    return at <= world.now ? world.now - at : nil
  }

  /// A record of something that a `never` speaks of stays.
  private func isForbidden(_ index: Int) -> Bool {
    let record = snapshot.trash[index]
    let inside = ReferenceWorld(snapshot, entities: record.contents, policy: policy, fault: fault)
    return policy.properties.contains { property in
      property.subject == .destroy
        && record.contents.indices.contains { entity in
          record.contents[entity].kind == property.kind && inside.truth(property.condition, of: entity).isPossible
        }
    }
  }

  /// Purges a record, unless a `never` holds it.
  private mutating func purge(_ record: Int) -> Bool {
    if fault != .purgeIgnoresNever, isForbidden(record) {
      heldRecords.insert(record)
      return false
    }
    return purged.insert(record).inserted
  }

  mutating func purgeWhatIsDue() {
    // A record that a `never` speaks of is reported whether it is due or not.
    heldRecords.formUnion(snapshot.trash.indices.filter { isForbidden($0) })
    guard let general = policy.trash.purgeAfter else { return }
    for index in snapshot.trash.indices {
      var time = general.nanoseconds
      if let own = snapshot.trash[index].purgeAfter, fault != .purgeForgetsRecordTime {
        time = fault == .purgeForgetsPolicyTime ? own.nanoseconds : max(time, own.nanoseconds)
      }
      if let age = age(ofRecord: index), age >= time { _ = purge(index) }
    }
  }

  // MARK: Volumes

  private func volume(ofRoot root: Int) -> Int? {
    volume(host: snapshot.roots[root].host, path: snapshot.roots[root].path)
  }

  /// The longest mount point at or above a path.
  private func volume(host: ByteString, path: ByteString) -> Int? {
    var best: Int?
    for index in snapshot.volumes.indices {
      let volume = snapshot.volumes[index]
      guard volume.host == host, path.isAtOrBelow(volume.path) else { continue }
      if best.map({ snapshot.volumes[$0].path.count < volume.path.count }) ?? true { best = index }
    }
    return best
  }

  /// On every host, the volume that a path lies on.
  private func volumes(at path: ByteString) -> [Int] {
    let hosts = Set(snapshot.volumes.map(\.host)).sorted()
    return hosts.compactMap { volume(host: $0, path: path) }
  }

  private func going(on volume: Int, _ moves: [Move]) -> [Int] {
    world.entities.indices.filter { entity in
      // What is archived already lies with the archive, not on the volume of its root.
      let it = world.entities[entity]
      guard it.tier == .live, self.volume(ofRoot: it.root) == volume else { return false }
      return ([entity] + ancestors[entity]).contains { acts[$0].map(moves.contains) == true }
    }
  }

  /// Bytes used once the plan is applied. The source of an archive goes to the trash, so only purges free at once.
  private func usedNow(_ volume: Int) -> Int64 {
    let records = purged.filter { self.volume(ofRoot: snapshot.trash[$0].root) == volume }
    return snapshot.volumes[volume].used - records.reduce(0) { $0 + snapshot.trash[$1].bytes }
  }

  /// Bytes used once the trash is empty too.
  private func usedLater(_ volume: Int) -> Int64 {
    let records = snapshot.trash.indices.filter { index in
      self.volume(ofRoot: snapshot.trash[index].root) == volume
        && (fault != .existingTrashStays || purged.contains(index))
    }
    let moves: [Move] = fault == .plannedTrashStays ? [.archive] : [.archive, .trash]
    return snapshot.volumes[volume].used - records.reduce(0) { $0 + snapshot.trash[$1].bytes }
      - freed(going(on: volume, moves))
  }

  // MARK: Pressure

  mutating func applyPressures() {
    let start = (acts, evicted, purged)
    var results: [(acts: [Int: Move], evicted: Set<Int>, purged: Set<Int>)] = []
    for pressure in policy.pressures {
      for volume in volumes(at: pressure.volume) {
        (acts, evicted, purged) = start
        relieve(pressure, volume)
        results.append((acts, evicted, purged))
      }
    }
    (acts, evicted, purged) = start
    for result in results {
      for (entity, move) in result.acts where acts[entity] != .archive { acts[entity] = move }
      evicted.formUnion(result.evicted)
      purged.formUnion(result.purged)
    }
    evicted = evicted.filter { acts[$0] == .trash }
  }

  private mutating func relieve(_ pressure: Pressure, _ volume: Int) {
    let size = ExactDecimal(snapshot.volumes[volume].size)
    guard let high = pressure.high.multiplied(by: size), let low = pressure.low.multiplied(by: size) else { return }
    let start = ExactDecimal(usedNow(volume))
    guard fault == .highMustExceed ? high < start : high <= start else { return }
    figures.pressuresActing += 1
    for step in pressure.relieve {
      switch step {
      case .purge(let minimumAge, let oldestFirst): purge(volume, minimumAge, oldestFirst, until: low)
      case .archive(let eviction, let minimumAge):
        evict(.archive, .run, eviction, minimumAge, volume, pressure.id, until: low)
      case .trash(let kind, let eviction, let minimumAge):
        evict(.trash, kind, eviction, minimumAge, volume, pressure.id, until: low)
      }
    }
    if low < ExactDecimal(usedNow(volume)) {
      unmet.append(
        "pressure \(pressure.id) \(usedNow(volume)) > \(pressure.low.scaled(snapshot.volumes[volume].size) ?? 0)")
      figures.pressuresUnmet += 1
    }
  }

  private mutating func purge(_ volume: Int, _ minimumAge: TimeSpan?, _ oldestFirst: Bool, until low: ExactDecimal) {
    guard let minimumAge else { return }
    let records = snapshot.trash.indices.filter { index in
      guard self.volume(ofRoot: snapshot.trash[index].root) == volume, !purged.contains(index) else { return false }
      guard let age = age(ofRecord: index) else { return false }
      return fault == .minAgeIgnored || age >= minimumAge.nanoseconds
    }
    let order = records.sorted { left, right in
      let (a, b) = (snapshot.trash[left], snapshot.trash[right])
      if a.trashedAt != b.trashedAt { return oldestFirst == (a.trashedAt < b.trashedAt) }
      let (rootA, rootB) = (snapshot.roots[a.root], snapshot.roots[b.root])
      if a.root != b.root { return (rootA.host, rootA.path) < (rootB.host, rootB.path) }
      return (a.path, a.record) < (b.path, b.record)
    }
    for record in order {
      if ExactDecimal(usedNow(volume)) <= low { return }
      _ = purge(record)
    }
  }

  private mutating func evict(
    _ move: Move, _ kind: EntityKind, _ eviction: Eviction, _ minimumAge: TimeSpan?, _ volume: Int,
    _ id: String, until low: ExactDecimal
  ) {
    let members = world.entities.indices.filter { entity in
      let it = world.entities[entity]
      return it.kind == kind && it.tier == .live && !isGoing(entity) && self.volume(ofRoot: it.root) == volume
    }
    let order = candidates(
      eviction, among: members, relief: move == .trash ? .pressure : nil, minimumAge: minimumAge)
    for entity in order {
      if ExactDecimal(usedLater(volume)) <= low { return }
      acts[entity] = move
      takers[entity, default: []].insert(id)
      if move == .trash { evicted.insert(entity) }
    }
  }
}
