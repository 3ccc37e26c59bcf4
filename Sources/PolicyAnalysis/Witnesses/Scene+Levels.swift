internal import PolicyCore

extension Scene {
  /// The same world with just so much in it that a quota or watermark of one of the policies begins to act: where their
  /// parameters differ, only one of them does.
  func atLevels(of policies: [Policy]) -> [Scene] {
    var scenes: [Scene] = []
    for quota in policies.flatMap(\.quotas) {
      guard let like = drafts.first(where: { $0.subject.kind == quota.kind }) else { continue }
      // Too much by itself, and by one byte.
      var alone = self
      var rest = quota.limit
      for index in alone.drafts.indices
      where alone.drafts[index].subject.kind == quota.kind && alone.drafts[index].path != like.path {
        let part = quota.limit / Int64(1 + drafts.count)
        alone.drafts[index].set("bytes", .integer(part))
        rest -= part
      }
      for index in alone.drafts.indices where alone.drafts[index].path == like.path {
        alone.drafts[index].set("bytes", .integer(rest.addingReportingOverflow(1).overflow ? rest : rest + 1))
      }
      scenes.append(alone)
      for copies in [0, 3] {
        var scene = self
        // Equal candidates, so that how far it goes down shows as well.
        for number in 0..<copies {
          var twin = like
          twin.path = ByteString(like.path.displayText + "-\(number)")
          scene.drafts.append(twin)
        }
        let part = quota.limit / Int64(4 + copies)
        for index in scene.drafts.indices where scene.drafts[index].subject.kind == quota.kind {
          scene.drafts[index].set("bytes", .integer(part))
        }
        let count = Int64(scene.drafts.count { $0.subject.kind == quota.kind })
        // What must stay makes up the rest, and one byte more.
        var filler = like
        filler.backups = []
        if quota.kind == .run {
          filler.path = "zz/filler"
          filler.set("state", .text("running"))
        } else {
          filler.path = ByteString(like.path.displayText + ".filler")
          filler.set("pinned", .bool(true))
        }
        filler.set("bytes", .integer(max(0, quota.limit - part * count) + 1))
        scene.drafts.append(filler)
        if scene.isSound { scenes.append(scene) }
      }
    }
    for pressure in policies.flatMap(\.pressures) {
      let size: Int64 = 1 << 40
      let volume = pressure.volume.displayText
      for level in [pressure.high, pressure.low] {
        var scene = self
        guard let used = level.scaled(size) else { continue }
        scene.volumes = [Volume(host: host, path: pressure.volume, size: size, used: used)]
        if !scene.root.isAtOrBelow(pressure.volume) {
          scene.root = ByteString(volume == "/" ? "/runs" : volume + "/runs")
        }
        for index in scene.drafts.indices { scene.drafts[index].set("bytes", .integer(size / 100)) }
        scene.trash = [
          TrashRecord(
            path: "train/old", kind: .run, record: "old", bytes: size / 100,
            trashedAt: Timestamp(nanoseconds: now.nanoseconds - TimeSpan.hours(30).nanoseconds),
            purgeAfter: .days(3650))
        ]
        scenes.append(scene)
      }
      scenes += atMarks(of: pressure, policies)
    }
    return scenes
  }

  /// A full volume on which one thing brings it exactly to `low`, and another of its kind would be too much: things in
  /// the trash, of exactly the age from which a step may purge them, and candidates.
  func atMarks(of pressure: Pressure, _ policies: [Policy]) -> [Scene] {
    let size: Int64 = 1 << 40
    guard let high = pressure.high.scaled(size), let low = pressure.low.scaled(size), high > low else { return [] }
    var bare = self
    bare.volumes = [Volume(host: host, path: pressure.volume, size: size, used: high)]
    if !root.isAtOrBelow(pressure.volume) {
      let volume = pressure.volume.displayText
      bare.root = ByteString(volume == "/" ? "/runs" : volume + "/runs")
    }
    for index in bare.drafts.indices { bare.drafts[index].set("bytes", .integer(0)) }
    var scenes: [Scene] = []
    var ages: Set<Int64> = []
    for other in policies.flatMap(\.pressures) where other.volume == pressure.volume {
      for case .purge(let minimumAge?, _) in other.relieve { ages.insert(minimumAge.nanoseconds) }
    }
    for age in ages.sorted() {
      var scene = bare
      // The second is a little older: which of the two goes shows the order.
      for (name, extra) in [("a", 0), ("b", TimeSpan.seconds(1).nanoseconds)] {
        let (sum, overflow) = age.addingReportingOverflow(extra)
        guard !overflow, now.nanoseconds.subtractingReportingOverflow(sum).overflow == false else { continue }
        scene.trash.append(
          TrashRecord(
            path: ByteString("train/\(name)"), kind: .run, record: name, bytes: high - low,
            trashedAt: Timestamp(nanoseconds: now.nanoseconds - sum), purgeAfter: .days(3650)))
        scenes.append(scene)
      }
    }
    for case .trash(let kind, let eviction, _) in pressure.relieve {
      guard let first = bare.drafts.firstIndex(where: { $0.subject.kind == kind }) else { continue }
      var pair = bare
      pair.drafts[first].set("bytes", .integer(high - low))
      let like = pair.drafts[first]
      for case .fact(let operand, _, _) in eviction.order where operand.fact.scope == .own {
        guard let value = like.facts[operand.fact.name] else { continue }
        let schema = policies.first?.schema ?? FactSchema()
        let name = operand.fact.name
        for other in [
          nil, schema.moved(value, 1, name, of: like.subject), schema.moved(value, -1, name, of: like.subject),
        ] {
          var (scene, twin) = (pair, like)
          twin.path = ByteString(like.path.displayText + "-0")
          twin.set(name, other)
          scene.drafts.append(twin)
          if scene.isSound { scenes.append(scene) }
        }
      }
    }
    return scenes
  }

  /// The same world with a second thing that differs only in one fact, the two together too much for a quota.
  func pairs(_ quota: Quota, _ name: String, _ schema: FactSchema) -> [Scene] {
    guard let like = drafts.first(where: { $0.subject.kind == quota.kind }), let value = like.facts[name] else {
      return []
    }
    return [nil, schema.moved(value, 1, name, of: like.subject), schema.moved(value, -1, name, of: like.subject)]
      .compactMap { other in
        var (scene, twin) = (self, like)
        twin.path = ByteString(like.path.displayText + "-0")
        twin.set(name, other)
        scene.drafts.append(twin)
        for index in scene.drafts.indices where scene.drafts[index].subject.kind == quota.kind {
          let isOfPair = [like.path, twin.path].contains(scene.drafts[index].path)
          scene.drafts[index].set("bytes", .integer(isOfPair ? quota.limit / 2 + 1 : 0))
        }
        return scene.isSound ? scene : nil
      }
  }
}
