/// Canonical order and spelling, laid out for people and for `git diff`: one action a line, one rule a line.
enum PlanLayout {
  /// Lists and objects whose parts stand on lines of their own; everything below is on one line.
  private static let open: Set<String> = [
    "", "actions", "checks", "held", "policy", "policy.core", "policy.core.never", "policy.core.pressure",
    "policy.core.quotas", "policy.core.rules", "policy.files", "refusals", "snapshot", "snapshot.roots", "summary",
    "undecided", "unmet",
  ]

  static func render(_ plan: JSONObject) -> [UInt8] {
    var output: [UInt8] = []
    write(.object(plan), path: "", indent: 0, to: &output)
    output.append(UInt8(ascii: "\n"))
    return output
  }

  private static func write(_ value: JSONValue, path: String, indent: Int, to output: inout [UInt8]) {
    guard open.contains(path) else { return writeLine(value, to: &output) }
    func newLine(_ depth: Int) {
      output.append(UInt8(ascii: "\n"))
      output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
    }
    switch value {
    case .object(let object) where !object.isEmpty:
      output.append(UInt8(ascii: "{"))
      for (index, member) in object.canonicalMembers.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        newLine(indent + 1)
        CanonicalJSON.write(member.key, to: &output)
        output.append(contentsOf: ": ".utf8)
        write(
          member.value, path: path.isEmpty ? member.key : path + "." + member.key, indent: indent + 1, to: &output)
      }
      newLine(indent)
      output.append(UInt8(ascii: "}"))
    case .array(let items) where !items.isEmpty:
      output.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        newLine(indent + 1)
        writeLine(item, to: &output)
      }
      newLine(indent)
      output.append(UInt8(ascii: "]"))
    case .null, .bool, .integer, .decimal, .string, .object, .array: writeLine(value, to: &output)
    }
  }

  private static func writeLine(_ value: JSONValue, to output: inout [UInt8]) {
    CanonicalJSON.write(value, to: &output)
  }
}
