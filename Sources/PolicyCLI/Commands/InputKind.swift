internal import ArgumentParser
internal import PolicyReport

/// What a file is, by its beginning.
enum InputKind: String {
  case plan, snapshot, policy

  static func of(_ path: String) throws -> InputKind {
    switch Files.read(path) {
    case .failure(let failure):
      Console.complain("cannot read `\(DisplayText.escape(path))`: \(failure.reason)")
      throw ExitStatus.nothingChecked.code
    case .success(let bytes): return of(bytes) ?? .policy
    }
  }

  /// `nil` where it looks like none of them.
  static func of(_ bytes: [UInt8]) -> InputKind? {
    let head = String(decoding: bytes.prefix(1 << 16), as: UTF8.self)
    if head.hasPrefix("{") {
      let line = head.prefix { $0 != "\n" }
      if line.contains("\"policy-snapshot/") || line.contains("\"policy-snapshot-packed/") { return .snapshot }
      return head.prefix(64).contains("\"actions\"") ? .plan : nil
    }
    return head.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("version:") } ? .policy : nil
  }

  /// Ends the command when a file is plainly something else than what is wanted.
  static func expect(_ wanted: InputKind, _ bytes: [UInt8], _ path: String) throws {
    guard let found = of(bytes), found != wanted else { return }
    let name = DisplayText.escape(path)
    let help =
      switch (wanted, found) {
      case (.plan, .policy):
        "make a plan with it: `policy plan -p \(name) -o plan.json`; `policy show --resolved \(name)` prints the policy"
      case (.plan, _): "make a plan on it: `policy plan -p FILE --snapshot \(name) -o plan.json`"
      case (.snapshot, .policy): "take a snapshot with it: `policy snapshot -p \(name) -o now.jsonl`"
      case (.snapshot, _): "take a snapshot: `policy snapshot -p FILE -o now.jsonl`"
      case (.policy, _): "name a policy, a YAML file that begins with `version: 1`"
      }
    Console.complain("`\(name)` is a \(found.rawValue), not a \(wanted.rawValue)", help: help)
    throw ExitStatus.usage.code
  }
}
