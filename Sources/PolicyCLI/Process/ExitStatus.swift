internal import ArgumentParser

/// What a command's exit status says. One list for all commands; printed in every command's help.
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case findings = 1
  case pending = 2
  case nothingChecked = 3
  case refused = 4
  case stale = 5
  case partial = 6
  case locked = 7
  case journalDamaged = 8
  case environment = 9
  case usage = 64
  case internalError = 70

  var meaning: String {
    switch self {
    case .done: "done; nothing to report"
    case .findings: "findings: errors in a policy, differences where --exit-code asked"
    case .pending: "changes pending (only with --detailed-exitcode)"
    case .nothingChecked: "nothing was checked: no files, a missing root"
    case .refused: "refused by a safeguard; nothing was done"
    case .stale: "stale or already used plan; nothing was done"
    case .partial: "partly applied: some items skipped or failed, each listed"
    case .locked: "locked by another apply"
    case .journalDamaged: "journal damaged; nothing was done"
    case .environment: "environment: no space, I/O error, read-only file system"
    case .usage: "wrong usage"
    case .internalError: "internal error"
    }
  }

  static let help: String =
    "EXIT STATUS\n"
    + allCases.map { status in
      let number = String(status.rawValue)
      return "  " + number + String(repeating: " ", count: 4 - number.utf8.count) + status.meaning
    }.joined(separator: "\n")

  /// What a command throws to end with this status.
  var code: ExitCode { ExitCode(rawValue) }
}
