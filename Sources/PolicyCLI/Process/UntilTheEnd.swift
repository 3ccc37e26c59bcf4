internal import Synchronization

/// What a command needs to its end is not released piece by piece before it: when the process ends, all memory goes at once.
enum UntilTheEnd {
  private static let kept = Mutex<[any Sendable]>([])

  static func keep(_ value: some Sendable) { kept.withLock { $0.append(value) } }
}
