import FuzzDriver
import PolicyCore
import PolicyDiagnostics
import PolicySyntax

/// Any text as the condition of a rule: refused with a finding, or spelled and read again as the same condition.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConditions(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: data, count: size), as: UTF8.self)
  guard let condition = read(text) else { return 0 }
  let spelled = ConditionPrinter.text(condition)
  precondition(read(spelled) == condition, "`\(spelled)` is read as something else")
  return 0
}

func read(_ condition: String) -> Condition? {
  let quoted = condition.replacing("'", with: "''")
  guard !condition.contains("\n"), !condition.contains("\r") else { return nil }
  let policy = "version: 1\nroots: [r]\nrules:\n  - id: a\n    keep: runs\n    where: '\(quoted)'\n"
  let result = PolicyLoader.load("p.yaml") { _ in .success(Array(policy.utf8)) }
  precondition(result.loaded != nil || !result.diagnostics.isEmpty, "neither a policy nor a finding")
  return result.loaded?.policy.rules.first { $0.id == "a" }?.condition
}

/// The name under which the package manager looks for `main`.
@_cdecl("FuzzConditions_main")
public func start(_ count: CInt, _ arguments: Arguments) -> CInt {
  fuzz(count, arguments) { fuzzConditions($0, $1) }
}
