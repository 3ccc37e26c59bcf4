internal import Synchronization

/// What lives until the process ends. Giving back very many things one by one takes longer than the kernel takes for all
/// of the memory at once.
enum UntilTheEnd {
  private static let held = Mutex<[any Sendable]>([])

  static func hold(_ value: some Sendable) { held.withLock { $0.append(value) } }
}
