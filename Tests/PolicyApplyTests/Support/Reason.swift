@testable import PolicyApply

/// Why an item was not done; `done` when it was, and the whole's message where there is no such item.
func reason(_ outcome: ApplyOutcome, _ index: Int = 0) -> String {
  guard index < outcome.items.count else { return outcome.message ?? "no item" }
  switch outcome.items[index].result {
  case .done: return "done"
  case .skipped(let reason), .failed(let reason): return reason
  }
}
