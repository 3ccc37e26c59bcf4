/// What watermarks take: steps in order, each the shortest prefix of what it may take.
struct PressureRelief {
  let policy: Policy
  let votes: Votes
  let snapshot: Snapshot
  /// Trash records that the plan purges anyway, and those that a `never` holds back.
  let purged: Set<Int>
  let heldRecords: Set<Int>

  struct Result {
    var moved: [(entity: Int, fate: Going.Fate, reason: Reason)] = []
    var purged: [(record: Int, reason: Reason)] = []
    var unmet: [Unmet] = []
  }

  /// Every watermark of every host's volume, each from the same state; the caller unites what they take.
  func relieve(_ going: Going) -> Result {
    var result = Result()
    for pressure in policy.pressures {
      for volume in snapshot.volumes.indices
      where snapshot.volume(host: snapshot.volumes[volume].host, path: pressure.volume) == volume {
        relieve(pressure, volume, going, &result)
      }
    }
    return result
  }

  private struct State {
    var going: Going
    var freed = Freed()
    /// Bytes used once the plan is applied, and what of them is trash that was there before.
    var now: Int64
    var trashed: Int64
    var purged: Set<Int>

    /// Bytes used once the trash is purged as well.
    var later: Int64 { now - min(now, trashed.saturatingAdd(freed.total)) }
  }

  private func relieve(_ pressure: Pressure, _ volume: Int, _ start: Going, _ result: inout Result) {
    let place = snapshot.volumes[volume]
    let isHere = snapshot.roots.map { snapshot.volume(host: $0.host, path: $0.path) == volume }
    let records = snapshot.trash.indices.filter { isHere[snapshot.trash[$0].root] }
    let entities = votes.entities.indices.filter {
      isHere[votes.entities[$0].root] && votes.entities[$0].tier == .live
    }

    var state = State(going: Going(start.tree), now: max(0, place.used), trashed: 0, purged: purged)
    for record in records {
      let bytes = max(0, snapshot.trash[record].bytes)
      if purged.contains(record) {
        state.now -= min(state.now, bytes)
      } else {
        state.trashed = state.trashed.saturatingAdd(bytes)
      }
    }
    for entity in entities where start.acts(entity) {
      state.freed.take(entity, start.fates[entity], &state.going, snapshot.roots)
    }
    guard let high = pressure.high.scaled(place.size), let low = pressure.low.scaled(place.size), state.now >= high
    else { return }
    let reason = Reason(
      rule: pressure.id, group: [FactReading(fact: "volume", value: place.path.displayText)], usage: state.now,
      limit: low)
    for step in pressure.relieve {
      switch step {
      case .purge(let minimumAge, let oldestFirst):
        purge(records, minimumAge, oldestFirst, low, reason, &state, &result)
      case .archive(let eviction, let minimumAge):
        move(entities, .run, .archive, eviction, minimumAge, low, reason, &state, &result)
      case .trash(let kind, let eviction, let minimumAge):
        move(entities, kind, .trash, eviction, minimumAge, low, reason, &state, &result)
      }
    }
    if state.now > low {
      let holders =
        state.later <= low
        ? []
        : entities.filter { !state.going.isGoing[$0] }
          .flatMap { votes.holdingRules($0, against: .pressure) }
      result.unmet.append(
        Unmet(
          want: .pressure, id: pressure.id, group: reason.group, usage: state.now, target: low,
          later: state.now - state.later, heldBy: Set(holders).sorted()))
    }
  }

  /// Purging frees at once; only `min_age` may shorten a record's time.
  private func purge(
    _ records: [Int], _ minimumAge: TimeSpan?, _ oldestFirst: Bool, _ low: Int64, _ reason: Reason,
    _ state: inout State, _ result: inout Result
  ) {
    guard let minimumAge else { return }
    let ready = records.filter { record in
      guard !state.purged.contains(record), !heldRecords.contains(record) else { return false }
      let trashedAt = snapshot.trash[record].trashedAt
      guard trashedAt <= snapshot.now, let age = snapshot.now.since(trashedAt) else { return false }
      return age >= minimumAge
    }.sorted { left, right in
      let (a, b) = (snapshot.trash[left].trashedAt, snapshot.trash[right].trashedAt)
      return a == b ? left < right : oldestFirst ? a < b : a > b
    }
    for record in ready {
      if state.now <= low { return }
      let bytes = max(0, snapshot.trash[record].bytes)
      state.now -= min(state.now, bytes)
      state.trashed -= min(state.trashed, bytes)
      state.purged.insert(record)
      result.purged.append((record, reason))
    }
  }

  private func move(
    _ entities: [Int], _ kind: EntityKind, _ fate: Going.Fate, _ eviction: Eviction, _ minimumAge: TimeSpan?,
    _ low: Int64, _ reason: Reason, _ state: inout State, _ result: inout Result
  ) {
    if state.later <= low { return }
    let facts = votes.facts
    let stamp = policy.defaultStamp(kind)
    let condition = BoundCondition(eviction.condition, on: kind, facts, defaultStamp: stamp)
    let age = BoundOperand(fact: facts.bind(stamp, on: kind), isAge: true, spelled: "age")
    let candidates = Candidates(votes: votes)
    let ready = entities.filter { entity in
      guard votes.entities[entity].kind == kind, !state.going.isGoing[entity] else { return false }
      if let minimumAge {
        guard case .known(.duration(let span)) = age.read(entity, facts), span >= minimumAge else { return false }
      }
      return fate == .archive
        ? candidates.mayArchive(entity, condition) : candidates.mayTrash(entity, condition, against: .pressure)
    }
    for entity in EvictionOrder(eviction.order, on: kind, policy, facts).sorted(ready) {
      if state.later <= low { return }
      if state.going.isGoing[entity] { continue }
      state.freed.take(entity, fate, &state.going, snapshot.roots)
      var own = reason
      own.readings = condition.readings(of: entity, facts)
      result.moved.append((entity, fate, own))
    }
  }
}
