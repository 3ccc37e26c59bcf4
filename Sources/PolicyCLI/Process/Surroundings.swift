internal import Glibc
internal import PolicyApply
internal import PolicyCore
internal import PolicyReport

/// What the process knows of the world: the only room that reads the clock, the environment and the working directory.
enum Surroundings {
  /// Makes the process safe to work in: descriptors 0 to 2 open, broken pipes reported as errors instead of killing it.
  static func settle() {
    // With one of them closed, the next file opened would take its number and receive our messages.
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", O_RDWR)
    }
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
    if geteuid() == 0 { sanitiseEnvironment() }
  }

  /// Root takes from its environment what concerns the looks of its output, and nothing that could steer a library or
  /// another program.
  private static func sanitiseEnvironment() {
    let kept = [
      "HOME", "TERM", "COLUMNS", "LANG", "LC_ALL", "LC_CTYPE", "NO_COLOR", "CLICOLOR_FORCE", "SWIFT_BACKTRACE",
    ]
    let values = kept.compactMap { name in variable(name).map { (name, $0) } }
    clearenv()
    for (name, value) in values { unsafe setenv(name, value, 1) }
    unsafe setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1)
  }

  /// For commands that change things: nobody else reads or writes the files that they make, and a signal stops them
  /// between two items instead of anywhere.
  static func keepPrivate() {
    umask(0o077)
    StopSignals.listen()
  }

  static var clock: Timestamp {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// A moment that is easily typed, and not before anything that has happened.
  static var nextSecond: Timestamp { Timestamp(nanoseconds: (clock.nanoseconds / 1_000_000_000 + 1) * 1_000_000_000) }

  static var uid: UInt32 { getuid() }

  static var host: ByteString {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return ByteString(buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
  }

  static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// The absolute form of a path, without resolving links: `.`, empty and `..` components are taken out by spelling.
  static func absolute(_ path: ByteString) -> ByteString {
    var whole = path.bytes
    if whole.first != UInt8(ascii: "/") { whole = workingDirectory.bytes + [UInt8(ascii: "/")] + whole }
    var names: [ByteString] = []
    for component in ByteString(whole).components where component != "." {
      if component == ".." { _ = names.popLast() } else { names.append(component) }
    }
    return ByteString(names.reduce(into: [UInt8]()) { $0 += [UInt8(ascii: "/")] + $1.bytes }.orSlash)
  }

  /// Ends the program where there is none any more: a relative path would come to mean another place.
  private static var workingDirectory: ByteString {
    guard let pointer = unsafe getcwd(nil, 0) else {
      Console.complain(
        "the working directory is gone", help: "change to one that is there, or write absolute paths")
      exit(ExitStatus.environment.rawValue)
    }
    defer { unsafe free(pointer) }
    let length = unsafe strlen(pointer)
    return unsafe ByteString(UnsafeBufferPointer(start: pointer, count: length).map { UInt8(bitPattern: $0) })
  }

  /// How to lay out text for standard output.
  static var style: TextStyle { style(STDOUT_FILENO) }

  /// The same for standard error.
  static var errorStyle: TextStyle { style(STDERR_FILENO) }

  /// Whether a line of standard error can be written over.
  static var canRedraw: Bool { isatty(STDERR_FILENO) == 1 && variable("TERM") != "dumb" }

  private static func style(_ descriptor: Int32) -> TextStyle {
    let isTerminal = isatty(descriptor) == 1
    var color = isTerminal && variable("TERM") != "dumb"
    if let force = variable("CLICOLOR_FORCE"), force != "0", !force.isEmpty { color = true }
    if let no = variable("NO_COLOR"), !no.isEmpty { color = false }
    return TextStyle(width: width(descriptor), color: color)
  }

  private static func width(_ descriptor: Int32) -> Int {
    var size = winsize()
    if unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 { return Int(size.ws_col) }
    if let columns = variable("COLUMNS").flatMap({ Int($0) }), columns >= 40 { return min(columns, 400) }
    return 80
  }
}

extension [UInt8] {
  fileprivate var orSlash: [UInt8] { isEmpty ? [UInt8(ascii: "/")] : self }
}
