internal import PolicyCore

extension ApplyOutcome {
  /// What several owners' workers did for one command. Something is unfound when none of them found it.
  static func union(_ parts: [ApplyOutcome]) -> ApplyOutcome {
    guard let first = parts.first else { return ApplyOutcome(.done) }
    var whole = ApplyOutcome(.done, items: parts.flatMap(\.items), notes: parts.flatMap(\.notes))
    whole.stoppedBy = parts.lazy.compactMap(\.stoppedBy).first
    whole.purgeFrom = parts.compactMap(\.purgeFrom).min()
    let unfound = first.unfound.filter { sentence in parts.allSatisfy { $0.unfound.contains(sentence) } }
    let statuses = Set(parts.map(\.status))
    let messages = parts.compactMap(\.message)
    if statuses.count == 1 {
      (whole.status, whole.message) = (first.status, messages.isEmpty ? nil : messages.joined(separator: "; "))
    } else {
      whole.status = .partial
      whole.notes += messages
    }
    if !unfound.isEmpty {
      if whole.items.isEmpty, whole.status == .done {
        (whole.status, whole.message) = (.nothingChecked, unfound.joined(separator: "; "))
      } else {
        whole.notes += unfound
        if whole.status == .done { whole.status = .partial }
      }
    }
    return whole
  }
}

extension ApplyFailure {
  /// For a message that speaks of somebody else's.
  func of(_ owner: UInt32) -> ApplyFailure { ApplyFailure(status, "uid \(owner): \(message)") }
}
