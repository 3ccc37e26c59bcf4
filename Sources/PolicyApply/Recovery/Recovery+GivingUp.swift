internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// A person's word that a thing is not to be looked for any more. It changes the journal alone, never a file.
extension Recovery {
  /// Settles what lies at neither end: it counts as gone.
  func giveUp(_ item: TrashedItem) throws(ApplyFailure) {
    let record = item.item.record
    let reason = "given up by hand"
    var bodies: [JournalRecord.Body] = []
    switch item.state {
    case .moving, .inTrash: break
    case .restoring: bodies.append(.abort(.restore, record: record, reason: reason))
    case .purging: bodies.append(.abort(.purge, record: record, reason: reason))
    case .abandoned, .restored, .purged: return
    }
    try store.journal.append(bodies + [.abort(.trash, record: record, reason: reason)])
  }

  /// Gives up what the journal believes to be in the trash and somebody took out of it; says why not where it is there.
  func giveUpMissing(except settled: [String], trigger: String) throws(ApplyFailure) -> [String] {
    var report: [String] = []
    var hasBegun = false
    for record in givenUp where !settled.contains(record) {
      guard let item = store.journal.history.item(record) else { continue }
      let shown = item.item.path.displayText
      guard item.state == .inTrash else {
        report.append("\(shown): there is nothing to give up, `policy log` says what became of it")
        continue
      }
      do throws(SystemError) {
        let (files, stored) = try store.location(of: item.item)
        guard try files.statusIfThere(stored) == nil else {
          report.append("\(shown): lies in the trash, and is not given up; restore it, or purge it")
          continue
        }
      } catch {
        throw ApplyFailure(.environment, "\(shown) cannot be looked for: \(error.text)")
      }
      if !hasBegun { try store.begin("recover", plan: nil, trigger: trigger) }
      hasBegun = true
      try giveUp(item)
      report.append("\(shown): is given up")
    }
    if hasBegun { try store.journal.sync() }
    return report
  }
}
