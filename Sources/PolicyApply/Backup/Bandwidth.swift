internal import Glibc

/// Holds a copy to so many bytes a second, over its whole time.
final class Bandwidth {
  private let most: Int64?
  private var sent: Int64 = 0
  private let begin = Bandwidth.now()

  /// `nil`: as fast as it goes.
  init(_ most: Int64?) { self.most = most }

  /// Waits until so many more bytes are within the limit; asks `goOn` while it waits.
  func use(_ bytes: Int, goOn: () throws(ArchiveTrouble) -> Void) throws(ArchiveTrouble) {
    guard let most else { return }
    sent += Int64(bytes)
    while true {
      try goOn()
      let wait = Double(sent) / Double(most) - (Self.now() - begin)
      if wait <= 0 { return }
      usleep(UInt32(min(wait, 0.2) * 1_000_000))
    }
  }

  private static func now() -> Double {
    var time = timespec()
    guard unsafe clock_gettime(CLOCK_MONOTONIC, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
