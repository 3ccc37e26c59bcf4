internal import PolicyCore

/// Mistakes in quotas and pressure.
extension Mutator {
  mutating func mutateQuota(_ index: Int) {
    let quota = policy.quotas[index]
    add(quota.id, "dropped", "a group over its limit") { $0.quotas.remove(at: index) }
    add(quota.id, "limit one byte less", "a group of exactly the limit") { $0.quotas[index].limit -= 1 }
    add(quota.id, "limit one byte more", "a group of one byte more than the limit") {
      if $0.quotas[index].limit < .max { $0.quotas[index].limit += 1 }
    }
    add(quota.id, "down_to dropped", "a group that has to go below its limit") {
      $0.quotas[index].downTo = ExactDecimal(1)
    }
    if quota.downTo != ExactDecimal(1) {
      addRatios(
        quota.id, "down_to", quota.downTo, "a group that comes to exactly \(quota.downTo.percentage), or near it"
      ) {
        $0.quotas[index].downTo = $1
      }
    }
    for (change, hint, per) in Self.groups(quota.per, quota.kind) {
      add(quota.id, change, hint) { $0.quotas[index].per = per }
    }
    mutate(quota.evict, quota.kind, quota.id, "") { $0.quotas[index].evict = $1 }
  }

  mutating func mutatePressure(_ index: Int) {
    let pressure = policy.pressures[index]
    add(pressure.id, "dropped", "a volume above its mark") { $0.pressures.remove(at: index) }
    addRatios(
      pressure.id, "high", pressure.high, "a volume that is exactly \(pressure.high.percentage) full, or nearly"
    ) {
      $0.pressures[index].high = $1
    }
    addRatios(
      pressure.id, "low", pressure.low, "a volume that comes to exactly \(pressure.low.percentage), or near it"
    ) {
      $0.pressures[index].low = $1
    }
    for step in pressure.relieve.indices where pressure.relieve.count > 1 {
      add(pressure.id, "without step \(step + 1)", "a case in which only this step helps") {
        $0.pressures[index].relieve.remove(at: step)
      }
      // A purge frees what others have only moved: before them and after them it takes the same.
      if step > 0, !pressure.relieve[step].isPurge, !pressure.relieve[step - 1].isPurge {
        add(pressure.id, "step \(step + 1) before step \(step)", "a case in which one of the two is enough") {
          $0.pressures[index].relieve.swapAt(step, step - 1)
        }
      }
    }
    for step in pressure.relieve.indices { mutateStep(pressure, index, step) }
  }

  private mutating func mutateStep(_ pressure: Pressure, _ index: Int, _ step: Int) {
    let place = "step \(step + 1): "
    func write(_ other: ReliefStep) -> (inout Policy) -> Void { { $0.pressures[index].relieve[step] = other } }
    switch pressure.relieve[step] {
    case .purge(let minimumAge, let oldestFirst):
      if let minimumAge {
        addWaits(pressure.id, place + "min_age", minimumAge) {
          $0.pressures[index].relieve[step] = .purge(minimumAge: $1, oldestFirst: oldestFirst)
        }
      }
      add(
        pressure.id, place + "order turned round", "two things in the trash, of which one is enough",
        write(.purge(minimumAge: minimumAge, oldestFirst: !oldestFirst)))
    case .archive(let eviction, let minimumAge):
      if let minimumAge {
        addWaits(pressure.id, place + "min_age", minimumAge) {
          $0.pressures[index].relieve[step] = .archive(eviction, minimumAge: $1)
        }
      }
      mutate(eviction, .run, pressure.id, place) {
        $0.pressures[index].relieve[step] = .archive($1, minimumAge: minimumAge)
      }
    case .trash(let kind, let eviction, let minimumAge):
      if let minimumAge {
        addWaits(pressure.id, place + "min_age", minimumAge) {
          $0.pressures[index].relieve[step] = .trash(kind, eviction, minimumAge: $1)
        }
      }
      mutate(eviction, kind, pressure.id, place) {
        $0.pressures[index].relieve[step] = .trash(kind, $1, minimumAge: minimumAge)
      }
    }
  }

  /// Who may go, and in which order.
  ///
  /// - Parameter place: before each change: `step 2: `.
  private mutating func mutate(
    _ eviction: Eviction, _ kind: EntityKind, _ id: String, _ place: String,
    _ write: @escaping (inout Policy, Eviction) -> Void
  ) {
    for edit in ConditionEdits(schema, kind).all(eviction.condition) {
      add(id, place + edit.change, edit.hint) { write(&$0, Eviction(condition: edit.condition, order: eviction.order)) }
    }
    func reordered(_ edit: (inout [OrderKey]) -> Void) -> (inout Policy) -> Void {
      var order = eviction.order
      edit(&order)
      return { write(&$0, Eviction(condition: eviction.condition, order: order)) }
    }
    // Older ones go first where nothing else is said: to say so alone is to say nothing.
    let usual = OrderKey.fact(Operand(policy.defaultStamp(kind), isAge: true), ascending: false, missing: nil)
    for key in eviction.order.indices {
      let part = "order part \(key + 1)"
      if eviction.order != [usual] {
        add(
          id, place + "order without its part \(key + 1)", "two candidates that only this part tells apart",
          reordered { $0.remove(at: key) })
      }
      switch eviction.order[key] {
      case .fact(let operand, let ascending, let missing):
        add(
          id, place + "\(part) turned round", "two candidates of which this part lets one go",
          reordered { $0[key] = .fact(operand, ascending: !ascending, missing: missing) })
        guard let missing else { continue }
        let other: OrderKey.MissingPlace = missing == .first ? .last : .first
        add(
          id, place + "\(part): missing \(missing.rawValue) becomes \(other.rawValue)",
          "a candidate without \(operand.fact.spelled) beside one with it, of which one goes",
          reordered { $0[key] = .fact(operand, ascending: ascending, missing: other) })
        add(
          id, place + "\(part): missing \(missing.rawValue) dropped", "a candidate without \(operand.fact.spelled)",
          reordered { $0[key] = .fact(operand, ascending: ascending, missing: nil) })
      case .condition(let condition, let first):
        add(
          id, place + "\(part) turned round", "two candidates of which this part lets one go",
          reordered { $0[key] = .condition(condition, first: !first) })
      }
    }
  }
}

extension ReliefStep {
  fileprivate var isPurge: Bool { if case .purge = self { true } else { false } }
}
