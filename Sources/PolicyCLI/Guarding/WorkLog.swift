internal import Glibc
internal import PolicyCore

/// Where everything goes that `policy apply` says beside a training: the training's own output stays its own.
struct WorkLog {
  let path: String

  /// The file that was named, or one below `$XDG_STATE_HOME` or `~/.local/state`.
  init(_ named: String?) {
    if let named {
      path = named
      return
    }
    let state = Surroundings.variable("XDG_STATE_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
    path = (state ?? (Surroundings.variable("HOME") ?? "") + "/.local/state") + "/policy/training.log"
  }

  /// Longer ones make place for a new one.
  private static let limit = 4 << 20

  /// Opened for the next entry, which begins with this line; `nil` and a note where that cannot be.
  func open(_ line: String) -> Int32? {
    var folder = ""
    for component in path.split(separator: "/").dropLast() where path.hasPrefix("/") {
      folder += "/" + component
      _ = unsafe mkdir(folder, 0o700)
    }
    var status = stat()
    if unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > Self.limit {
      _ = unsafe rename(path, path + ".1")
    }
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY
    let file = unsafe Glibc.open(path, flags, 0o600)
    guard file >= 0 else {
      Console.note("cannot write the log \(path): \(errorText(errno)); name another with `--log FILE`")
      return nil
    }
    _ = Console.writeAll(Array("\(Surroundings.clock.rfc3339) \(line)\n".utf8), to: file)
    return file
  }
}
