internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

extension OwnerSession {
  /// Backs up what the order backs up in one root. `troubles`, by target, hold in other roots too.
  func back(
    _ order: ApplyOrder, _ store: OwnerStore, _ results: inout [Int: ItemOutcome.Result],
    _ places: inout [Int: ByteString], _ troubles: inout [String: ApplyFailure]
  ) -> ApplyFailure? {
    let moves = order.moves.filter { $0.action.root == store.rootPath && $0.action.verb == .backup }
    guard !moves.isEmpty else { return nil }
    let requests = moves.compactMap(\.request)
    guard requests.count == moves.count, let settings = order.backing else {
      return ApplyFailure(.refused, "the plan does not say what an item looked like")
    }
    // A pin is no reason against a copy.
    let look = ItemLook(store: store, grace: order.grace, pins: nil)
    let backer = Backer(store: store, look: look, plan: order.plan, settings: settings)
    let (outcomes, failure) = backer.back(requests, &troubles)
    for (move, outcome) in zip(moves, outcomes) {
      switch outcome {
      case .saved(let record, let place):
        results[move.index] = .done(record: record)
        places[move.index] = place
      case .stays(let reason, let isFailure):
        results[move.index] = isFailure ? .failed(reason) : .skipped(reason)
      }
    }
    holdBack(order, moves, store, &results)
    return failure
  }

  /// Copy first: what this plan was to back up, and could not, does not go in the same breath; nor does what it lies in,
  /// or what lies in it.
  private func holdBack(
    _ order: ApplyOrder, _ backups: [ApplyOrder.Move], _ store: OwnerStore, _ results: inout [Int: ItemOutcome.Result]
  ) {
    var missing: [(path: ByteString, reason: String)] = []
    for backup in backups {
      switch results[backup.index] {
      case .done: continue
      case .skipped(let reason)?, .failed(let reason)?: missing.append((backup.action.path, reason))
      case nil: missing.append((backup.action.path, "not tried"))
      }
    }
    for move in order.moves
    where move.action.root == store.rootPath && move.action.verb != .backup && move.action.tier == .live {
      let path = move.action.path
      let first = missing.first { $0.path.isAtOrBelow(path) || path.isAtOrBelow($0.path) }
      if let first { results[move.index] = .skipped("it stays until its backup is made: \(first.reason)") }
    }
  }
}
