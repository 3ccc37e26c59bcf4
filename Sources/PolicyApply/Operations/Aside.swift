internal import Dispatch
internal import Synchronization

/// Something that a second thread does meanwhile; waited for once.
final class Aside<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)
  private let done = DispatchSemaphore(value: 0)

  /// Begins at once.
  init(_ work: @escaping @Sendable () -> Value) {
    DispatchQueue.global().async { [self] in
      let result = work()
      value.withLock { $0 = result }
      done.signal()
    }
  }

  /// What came of it.
  func wait() -> Value? {
    done.wait()
    done.signal()
    return value.withLock { $0 }
  }
}
