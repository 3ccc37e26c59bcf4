internal import Glibc
internal import PolicyCore
internal import PolicyFiles

/// What this process asks its system once a scan.
enum SystemFacts {
  static func clock() -> Timestamp {
    var now = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Timestamp(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
  }

  static func hostName() -> ByteString {
    let text = Machine.systemFile("/proc/sys/kernel", "hostname") ?? []
    return ByteString(text.filter { $0 != 10 })
  }

  /// How many processors may run this process, at least 1.
  static func processors() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// How many descriptors this process may have.
  static func descriptorLimit() -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    return Int(clamping: limit.rlim_cur)
  }

  /// `$HOME` and the home of the account.
  static func homes() -> [ByteString] {
    var homes: [ByteString] = []
    homes.append(unsafe Accounts.text(getenv("HOME")))
    if let account = Accounts.account(uid: getuid()) { homes.append(account.home) }
    return homes.filter { $0.bytes.first == UInt8(ascii: "/") && $0.bytes != [UInt8(ascii: "/")] }
  }
}

/// The names of users, each asked for once.
struct Accounts {
  struct Account: Hashable {
    let name: ByteString
    let home: ByteString
  }

  /// Accounts below it are the system's. Root, and what nobody maps to, own nothing against anybody.
  static let firstOrdinary: UInt32 = 1000
  static let nobody: UInt32 = 65_534

  private var names: [UInt32: ByteString] = [:]

  /// The name of a user, or the number where nobody has it.
  mutating func name(uid: UInt32) -> ByteString {
    if let known = names[uid] { return known }
    let name = Self.account(uid: uid)?.name ?? ByteString("\(uid)")
    names[uid] = name
    return name
  }

  static func isOrdinary(_ uid: UInt32) -> Bool { uid >= firstOrdinary && uid != nobody }

  static func account(uid: UInt32) -> Account? {
    var entry = unsafe passwd()
    var size = 4096
    while size <= 1 << 20 {
      var buffer = [CChar](repeating: 0, count: size)
      let (status, account) = unsafe buffer.withUnsafeMutableBufferPointer { space -> (Int32, Account?) in
        var found: UnsafeMutablePointer<passwd>?
        guard let start = space.baseAddress else { return (ERANGE, nil) }
        let status = unsafe getpwuid_r(uid, &entry, start, space.count, &found)
        guard status == 0, let record = unsafe found else { return (status, nil) }
        return unsafe (0, Account(name: text(record.pointee.pw_name), home: text(record.pointee.pw_dir)))
      }
      if status != ERANGE { return account }
      size *= 4
    }
    return nil
  }

  /// The bytes of a C string; empty where there is none.
  static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> ByteString {
    guard let start = unsafe pointer else { return "" }
    let buffer = unsafe UnsafeBufferPointer(start: start, count: strlen(start))
    return unsafe ByteString(buffer.map { UInt8(bitPattern: $0) })
  }
}
