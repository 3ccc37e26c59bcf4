/// Canonical order and spelling, laid out for people and for `git diff`: one action a line, one rule a line.
struct PlanLayout {
  /// Lists and objects whose parts stand on lines of their own; everything below is on one line.
  private static let open: Set<String> = [
    "", "actions", "checks", "held", "policy", "policy.core", "policy.core.never", "policy.core.pressure",
    "policy.core.quotas", "policy.core.rules", "policy.files", "refusals", "snapshot", "snapshot.roots", "summary",
    "undecided", "unmet",
  ]

  private let lists: [PlanList]
  private let take: ([UInt8]) -> Void
  private var output: [UInt8] = []

  private init(_ lists: [PlanList], _ take: @escaping ([UInt8]) -> Void) {
    self.lists = lists
    self.take = take
  }

  /// Hands the text on in pieces.
  static func render(_ frame: JSONObject, _ lists: [PlanList], _ take: ([UInt8]) -> Void) {
    withoutActuallyEscaping(take) { take in
      var layout = PlanLayout(lists, take)
      layout.write(.object(frame), path: "", indent: 0)
      layout.output.append(UInt8(ascii: "\n"))
      take(layout.output)
    }
  }

  private static func newLine(_ depth: Int) -> [UInt8] {
    [UInt8(ascii: "\n")] + repeatElement(UInt8(ascii: " "), count: depth * 2)
  }

  private mutating func newLine(_ depth: Int) { output += Self.newLine(depth) }

  private mutating func write(_ value: JSONValue, path: String, indent: Int) {
    guard Self.open.contains(path) else { return CanonicalJSON.write(value, to: &output) }
    if let list = lists.first(where: { $0.key == path }), list.count > 0 { return write(list, indent) }
    switch value {
    case .object(let object) where !object.isEmpty:
      output.append(UInt8(ascii: "{"))
      for (index, member) in object.canonicalMembers.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        newLine(indent + 1)
        CanonicalJSON.write(member.key, to: &output)
        output.append(contentsOf: ": ".utf8)
        write(member.value, path: path.isEmpty ? member.key : path + "." + member.key, indent: indent + 1)
      }
      newLine(indent)
      output.append(UInt8(ascii: "}"))
    case .array(let items) where !items.isEmpty:
      write(PlanList(key: path, count: items.count) { items[$0] }, indent)
    case .null, .bool, .integer, .decimal, .string, .object, .array, .encoded: CanonicalJSON.write(value, to: &output)
    }
  }

  private mutating func write(_ list: PlanList, _ indent: Int) {
    output.append(UInt8(ascii: "["))
    take(output)
    list.write(list.item, after: Self.newLine(indent + 1), take)
    output.removeAll(keepingCapacity: true)
    newLine(indent)
    output.append(UInt8(ascii: "]"))
  }
}
