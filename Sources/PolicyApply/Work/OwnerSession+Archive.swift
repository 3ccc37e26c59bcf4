internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

extension OwnerSession {
  /// Archives what the order archives in one root. `trouble` keeps other archives from being made, in other roots too.
  func archive(
    _ order: ApplyOrder, _ store: OwnerStore, _ results: inout [Int: ItemOutcome.Result],
    _ archived: inout [Int: ByteString], _ trouble: inout ApplyFailure?
  ) -> ApplyFailure? {
    let moves = order.moves.filter {
      $0.action.root == store.rootPath && $0.action.verb == .archive && results[$0.index] == nil
    }
    guard !moves.isEmpty, trouble == nil else { return nil }
    let requests = moves.compactMap(\.request)
    guard requests.count == moves.count, let settings = order.archiving else {
      return ApplyFailure(.refused, "the plan does not say what an item looked like")
    }
    let archiver = Archiver(store: store, look: look(order, store), plan: order.plan, settings: settings)
    let (outcomes, stopped, failure) = archiver.archive(requests)
    for (move, outcome) in zip(moves, outcomes) {
      switch outcome {
      case .archived(let record):
        results[move.index] = .done(record: record)
        archived[move.index] = store.journal.history.archive(record)?.place.path
      case .stays(let reason, let isFailure): results[move.index] = isFailure ? .failed(reason) : .skipped(reason)
      }
    }
    trouble = stopped
    return failure
  }

  /// Trashes archives, each beside its target.
  func trashArchives(
    _ order: ApplyOrder, _ moves: [ApplyOrder.Move], _ store: OwnerStore, _ results: inout [Int: ItemOutcome.Result]
  ) -> ApplyFailure? {
    for move in moves {
      guard let request = move.request, let archive = store.journal.history.keptArchive(of: move.action.path) else {
        results[move.index] = .skipped("the journal of its root does not know it")
        continue
      }
      let folder: OwnerStore
      do throws(SystemError) {
        folder = try store.archives(in: archive.place.folder)
      } catch {
        results[move.index] = .failed("\(archive.place.folder.displayText) cannot be used: \(error.text)")
        continue
      }
      var whole = TrashMover.Request(
        action: request.action, id: request.id, expected: request.expected, within: [], contents: archive.item.contents)
      whole.archive = JournalItem.ArchivedAs(record: archive.item.record, place: archive.place)
      let look = ItemLook(store: folder, grace: order.grace, pins: pins(store))
      let (outcomes, failure) = TrashMover(store: folder, look: look, plan: order.plan).move([whole])
      switch outcomes.first {
      case .moved(let record): results[move.index] = .done(record: record)
      case .stays(let reason, let isFailure):
        results[move.index] = isFailure ? .failed(reason) : .skipped(reason)
      case nil: break
      }
      if let failure { return failure }
    }
    return nil
  }

  private func look(_ order: ApplyOrder, _ store: OwnerStore) -> ItemLook {
    ItemLook(store: store, grace: order.grace, pins: pins(store))
  }

  private func pins(_ store: OwnerStore) -> PinWatch { PinWatch(root: store.root, uid: store.uid, home: store.home) }
}

extension ApplyOrder.Move {
  /// `nil` where the plan does not say what it looked like.
  var request: TrashMover.Request? {
    action.expect.map {
      TrashMover.Request(action: action, id: id, expected: $0, within: within, contents: contents)
    }
  }
}
