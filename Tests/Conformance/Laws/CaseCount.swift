import Glibc

/// How many cases a law looks at: a bounded number, times `POLICY_LONG` for long runs.
enum CaseCount {
  static func scaled(_ count: Int) -> Int {
    guard let text = unsafe getenv("POLICY_LONG"), let factor = Int(unsafe String(cString: text)), factor > 0 else {
      return count
    }
    return count * factor
  }
}

/// Counts of interesting situations, printed as one line.
struct Figures {
  private(set) var counts: [(name: String, count: Int)] = []

  subscript(_ name: String) -> Int { counts.first { $0.name == name }?.count ?? 0 }

  mutating func add(_ name: String, _ amount: Int = 1) {
    if let place = counts.firstIndex(where: { $0.name == name }) {
      counts[place].count += amount
    } else {
      counts.append((name, amount))
    }
  }

  mutating func add(_ name: String, if condition: Bool) { add(name, condition ? 1 : 0) }

  var line: String { counts.map { "\($0.name) \($0.count)" }.joined(separator: ", ") }
}
