import Glibc
import PolicyCore

/// Runs a body as a user who can be denied things.
public enum OrdinaryUser {
  public static let uid: UInt32 = 4711

  /// Calls `body` as an ordinary user: as the caller when that is one already, else with this thread's file system user
  /// changed, which takes root's capabilities over files away with it. Proves that an open is denied first; `nil`, said
  /// loudly, where it is not.
  public static func run<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result? {
    let isRoot = geteuid() == 0
    if isRoot {
      set("setfsgid", uid)
      set("setfsuid", uid)
    }
    defer {
      if isRoot {
        set("setfsuid", 0)
        set("setfsgid", 0)
      }
    }
    guard isDenied() else {
      print("NOT RUN: \(name) needs a user who can be denied something")
      return nil
    }
    return try body()
  }

  /// Calls of <sys/fsuid.h>, which Swift's Glibc module leaves out. They change this thread alone.
  private static func set(_ call: String, _ id: UInt32) {
    guard let symbol = unsafe dlsym(nil, call) else { return }
    let function = unsafe unsafeBitCast(symbol, to: (@convention(c) (UInt32) -> Int32).self)
    _ = function(id)
  }

  /// Whether a directory without permissions stays closed.
  private static func isDenied() -> Bool {
    let tree = TemporaryTree()
    tree.directory("closed", mode: 0)
    defer { tree.mode("closed", 0o700) }
    let path = tree.absolute("closed").bytes.map { CChar(bitPattern: $0) } + [0]
    let file = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if file >= 0 { close(file) }
    return file < 0 && errno == EACCES
  }
}
