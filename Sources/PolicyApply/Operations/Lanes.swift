internal import Dispatch
internal import Synchronization

/// Many like things, done by two threads where there are enough of them: the kernel's work on one directory is done by one
/// processor, and there is a second.
enum Lanes {
  /// Fewer are not worth a thread, and are done in their order.
  static let fewest = 16

  /// Does each, by its number; after one that says false no further one is begun.
  static func each(_ count: Int, _ work: @Sendable (Int) -> Bool) {
    // Whoever is done takes the next one: a large thing does not hold up what comes after it.
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: count < fewest ? 1 : 2) { _ in
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < count, work(number) else { return }
      }
    }
  }

  /// What becomes of each, in their order: one thread takes the first half, the other the second.
  static func map<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ work: @Sendable (Item) -> Result
  ) -> [Result] {
    guard items.count >= fewest else { return items.map { work($0) } }
    let half = items.count / 2
    let halves = Mutex<[[Result]]>([[], []])
    DispatchQueue.concurrentPerform(iterations: 2) { lane in
      let part = (lane == 0 ? items[..<half] : items[half...]).map { work($0) }
      halves.withLock { $0[lane] = part }
    }
    return halves.withLock { $0[0] + $0[1] }
  }
}
