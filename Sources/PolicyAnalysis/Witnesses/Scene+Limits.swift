internal import PolicyCore

extension Scene {
  /// The same world with so much going that one of two sets of limits refuses it and the other may not, the smallest
  /// first. The first thing of the kind is the one that goes.
  func overLimits(_ left: Limits, _ right: Limits, _ subject: Subject) -> [Scene] {
    var scenes: [Scene] = []
    for limits in [left, right] {
      for count in [limits.maxTrash, limits.maxArchive] {
        if let most = count?.most, most < 1000 { scenes.append(crowd(subject, going: most + 1, staying: 0)) }
      }
    }
    if subject == .run {
      for (one, other) in [(left.maxShare, right.maxShare), (right.maxShare, left.maxShare)] {
        if let one, let scene = sharing(one, other) { scenes.append(scene) }
      }
    }
    for limit in [left.maxTrashBytes, right.maxTrashBytes] {
      switch limit {
      case .bytes(let most)?:
        if most < .max { scenes.append(weighing(subject, most + 1, of: most + 1)) }
        scenes.append(weighing(subject, most, of: most))
      case .share(let share)?:
        let all: Int64 = 1 << 40
        let most = share.scaled(all) ?? all
        if most < all { scenes.append(weighing(subject, most + 1, of: all)) }
      case nil: break
      }
    }
    return scenes.filter(\.isSound).sorted { $0.drafts.count < $1.drafts.count }
  }

  /// With the thing so and so many times, and some runs more that nothing touches.
  private func crowd(_ subject: Subject, going: Int, staying: Int) -> Scene {
    var scene = self
    guard let like = drafts.first(where: { $0.subject == subject }) else { return scene }
    for number in 1..<max(1, going) {
      var twin = like
      twin.path = ByteString(like.path.displayText + "-\(number)")
      scene.drafts.append(twin)
    }
    guard let run = drafts.first(where: { $0.subject == .run }) else { return scene }
    for number in 0..<staying {
      var other = run
      other.path = ByteString("zz/stays-\(number)")
      other.set("state", .text("running"))
      (other.backups, other.tier) = ([], .live)
      scene.drafts.append(other)
    }
    return scene
  }

  /// With the fewest runs of which more than the one share goes, and not more than the other.
  private func sharing(_ share: ExactDecimal, _ other: ExactDecimal?) -> Scene? {
    let others = drafts.count { $0.subject == .run } - 1
    for count in 1...400 {
      guard let most = share.scaled(Int64(count)) else { return nil }
      let going = Int(most) + 1
      guard going + others <= count else { continue }
      if let other, (other.scaled(Int64(count)) ?? 0) < Int64(going) { continue }
      return crowd(.run, going: going, staying: count - going - others)
    }
    return nil
  }

  /// With a thing of that size, and all runs together of the other.
  private func weighing(_ subject: Subject, _ size: Int64, of all: Int64) -> Scene {
    let needsOther = subject == .run && all > size
    var scene = crowd(subject, going: 1, staying: needsOther ? 1 : 0)
    for index in scene.drafts.indices { scene.drafts[index].set("bytes", .integer(0)) }
    guard let thing = scene.drafts.firstIndex(where: { $0.subject == subject }) else { return scene }
    scene.drafts[thing].set("bytes", .integer(size))
    if needsOther {
      scene.drafts[scene.drafts.count - 1].set("bytes", .integer(all - size))
    } else if subject == .checkpoint, let run = scene.drafts.firstIndex(where: { $0.subject == .run }) {
      scene.drafts[run].set("bytes", .integer(all))
    }
    return scene
  }
}

extension Count {
  /// `nil` where there is no bound.
  fileprivate var most: Int? {
    switch self {
    case .none: 0
    case .all: nil
    case .limited(let count): count
    }
  }
}
