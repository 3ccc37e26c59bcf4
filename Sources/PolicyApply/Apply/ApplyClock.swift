internal import Glibc
public import PolicyCore
internal import PolicyFiles
public import PolicyFormats

/// The clocks that a trash time is proved by; tests bring their own.
public struct ApplyClock: Sendable {
  /// Wall clock.
  public var now: @Sendable () -> Timestamp
  /// Time since boot, and which boot; `nil` where the system does not tell.
  public var boot: @Sendable () -> BootMark?

  public init(now: @escaping @Sendable () -> Timestamp, boot: @escaping @Sendable () -> BootMark? = { nil }) {
    self.now = now
    self.boot = boot
  }

  public static let system = ApplyClock(
    now: { Timestamp(nanoseconds: nanoseconds(CLOCK_REALTIME)) },
    boot: { bootID.map { BootMark(id: $0, uptime: nanoseconds(CLOCK_BOOTTIME)) } })

  private static func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    guard unsafe clock_gettime(clock, &time) == 0 else { return 0 }
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  private static let bootID: String? = {
    guard let folder = try? DirectoryDescriptor.openRoot(Array("/proc/sys/kernel/random".utf8)),
      let name = Name("boot_id"), let content = try? folder.readFile(name, limit: 100)
    else { return nil }
    return String(decoding: content.bytes.prefix { $0 > 32 }, as: UTF8.self)
  }()
}
