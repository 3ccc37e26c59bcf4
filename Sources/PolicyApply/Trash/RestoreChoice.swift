internal import PolicyCore
internal import PolicyFormats

/// A plan's digest as people give it: whole, without `sha256:`, or its first letters.
struct PlanDigestPrefix {
  private let text: String
  init(_ text: String) { self.text = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text }

  func matches(_ digest: String?) -> Bool {
    guard let digest, text.utf8.count >= 8 else { return false }
    return (digest.hasPrefix("sha256:") ? String(digest.dropFirst(7)) : digest).hasPrefix(text)
  }
}

/// Finds the items that are meant by a path, a record or a plan.
struct RestoreChoice {
  private let what: TrashCan.Restoring
  init(_ what: TrashCan.Restoring) { self.what = what }

  /// The items of each store, folders before what was in them; and a sentence for each thing that was not found.
  /// Empty where nothing at all was found.
  func choose(_ stores: [OwnerStore]) -> (chosen: [[TrashedItem]], missing: [String]) {
    var chosen: [[TrashedItem]] = stores.map { _ in [] }
    var missing: [String] = []
    switch what {
    case .records(let records):
      for record in records {
        var isFound = false
        for (index, store) in stores.enumerated() {
          guard let item = store.journal.history.item(record) else { continue }
          chosen[index].append(item)
          isFound = true
        }
        if !isFound { missing.append("there is no trash record `\(record)`") }
      }
    case .paths(let paths):
      for path in paths where !choose(path, stores, &chosen) {
        missing.append(
          "nothing that was at \(path.displayText) lies in your trash; `policy trash list` shows what does")
      }
    case .plan(let digest):
      let prefix = PlanDigestPrefix(digest)
      for (index, store) in stores.enumerated() {
        chosen[index] = store.journal.history.items.filter { item in
          guard prefix.matches(item.item.plan) else { return false }
          if case .abandoned = item.state { return false }
          return true
        }
      }
      if chosen.allSatisfy(\.isEmpty) { missing.append("nothing of plan \(digest) was trashed here") }
    }
    if chosen.allSatisfy(\.isEmpty) { return ([], missing) }
    return (chosen.map { $0.sorted { ($0.item.path, $0.item.record) < ($1.item.path, $1.item.record) } }, missing)
  }

  /// The newest item of that path that is in the trash; else the newest at all, which then says why it cannot come back.
  private func choose(_ path: ByteString, _ stores: [OwnerStore], _ chosen: inout [[TrashedItem]]) -> Bool {
    for (index, store) in stores.enumerated() where path.isAtOrBelow(store.rootPath) {
      let rest = path.bytes.dropFirst(store.rootPath.count).drop { $0 == UInt8(ascii: "/") }
      let relative = ByteString(rest)
      let known = store.journal.history.items.filter { item in
        guard item.item.path == relative else { return false }
        if case .abandoned = item.state { return false }
        return true
      }
      guard let item = known.last(where: { $0.state == .inTrash }) ?? known.last else { continue }
      chosen[index].append(item)
      return true
    }
    return false
  }
}
