internal import PolicyCore

/// Mistakes in what must never go, in limits, and in how long the trash is kept.
extension Mutator {
  mutating func mutateProperty(_ index: Int) {
    let property = policy.properties[index]
    add(property.id, "dropped", "something of which it speaks, in the trash with its `runs` and `checkpoints`") {
      $0.properties.remove(at: index)
    }
    for edit in ConditionEdits(schema, property.kind).all(property.condition) {
      add(property.id, edit.change, edit.hint + ", that goes or lies in the trash") {
        $0.properties[index].condition = edit.condition
      }
    }
  }

  mutating func mutateSettings() {
    let limits = policy.limits
    mutate("max_archive", limits.maxArchive, "archives") { $0.limits.maxArchive = $1 }
    if let share = limits.maxShare {
      addRatios("limits", "max_share", share, "a plan that takes exactly \(share.percentage) of the runs, or nearly") {
        $0.limits.maxShare = $1
      }
    }
    mutate("max_trash", limits.maxTrash, "moves to the trash") { $0.limits.maxTrash = $1 }
    switch limits.maxTrashBytes {
    case nil: break
    case .bytes(let size)?:
      add("limits", "max_trash_bytes one byte more", "a plan of one byte more than allowed, that is refused") {
        if size < .max { $0.limits.maxTrashBytes = .bytes(size + 1) }
      }
      add("limits", "max_trash_bytes one byte less", "a plan of exactly as much as is allowed") {
        if size > 0 { $0.limits.maxTrashBytes = .bytes(size - 1) }
      }
    case .share(let share)?:
      addRatios("limits", "max_trash_bytes", share, "a plan of exactly \(share.percentage) of the bytes, or nearly") {
        $0.limits.maxTrashBytes = .share($1)
      }
    }
    if let wait = policy.trash.purgeAfter {
      addWaits("trash", "purge_after", wait) { $0.trash.purgeAfter = $1 }
      add("trash", "purge_after dropped", "something in the trash whose time is over") { $0.trash.purgeAfter = nil }
    }
    if policy.ageOf != .finishedAt {
      add("defaults", "age_of \(policy.ageOf.rawValue) dropped", "something whose stamps are not the same") {
        $0.ageOf = .finishedAt
      }
    }
  }

  /// A limit that is one more, and one less.
  private mutating func mutate(
    _ key: String, _ limit: Count?, _ what: String, _ write: @escaping (inout Policy, Count) -> Void
  ) {
    let most: Int
    switch limit {
    case nil, .all?: return
    case .none?: most = 0
    case .limited(let count)?: most = count
    }
    add("limits", "\(key) \(most) becomes \(most + 1)", "a plan of \(most + 1) \(what), that is refused") {
      write(&$0, .limited(most + 1))
    }
    add("limits", "\(key) \(most) becomes \(most - 1)", "a plan of exactly \(most) \(what)") {
      if most > 0 { write(&$0, most == 1 ? .none : .limited(most - 1)) }
    }
  }
}
