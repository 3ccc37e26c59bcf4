internal import CLinux
internal import Glibc
internal import PolicyFiles

/// A program of the system that carries backups away: found where an administrator installs programs, started with a list
/// of arguments and no shell, with nothing open but what it is handed.
struct Tool {
  let path: String
  private let environment: [String]
  static let folders = ["/usr/local/bin", "/usr/bin", "/bin"]

  /// `nil` where it is not installed. `variables`: for it alone, as `NAME=value`.
  init?(_ name: String, adding variables: [String] = []) {
    let paths = Self.folders.map { "\($0)/\(name)" }
    guard let path = paths.first(where: { path in unsafe path.withCString { unsafe access($0, X_OK) == 0 } }) else {
      return nil
    }
    self.path = path
    environment = Self.variables + variables
  }

  struct Ended {
    let status: Int32
    let output: [UInt8]
    /// What it said, without secrets: the last line.
    let words: String
    /// The same of a program that says first what is wrong, and then what to think of it.
    let complaint: String
    var isDone: Bool { status == 0 }
  }

  /// Runs it to its end.
  func run(_ arguments: [String], goOn: () throws(ArchiveTrouble) -> Void) throws(ArchiveTrouble) -> Ended {
    let running = try start(arguments, hasInput: false)
    return try running.end(goOn: goOn)
  }

  /// `hasInput`: something will be written to it.
  func start(_ arguments: [String], hasInput: Bool) throws(ArchiveTrouble) -> RunningTool {
    var ends: [Int32] = [-1, -1]
    if hasInput, unsafe policy_pipe(&ends) != 0 { throw ArchiveTrouble("no pipe can be made") }
    let (output, errors) = (policy_memory_file(), policy_memory_file())
    guard output >= 0, errors >= 0 else { throw ArchiveTrouble("no file in memory can be made") }
    let words = unsafe ([path] + arguments).map { unsafe strdup($0) }
    let variables = unsafe environment.map { unsafe strdup($0) }
    defer { unsafe (words + variables).forEach { unsafe free($0) } }
    let argv = unsafe words.map { unsafe UnsafePointer<CChar>($0) } + [nil]
    let envp = unsafe variables.map { unsafe UnsafePointer<CChar>($0) } + [nil]
    var process: Int32 = 0
    let result = unsafe policy_start_tool(path, argv, envp, ends[0], output, errors, &process)
    if ends[0] >= 0 { _ = policy_close(ends[0]) }
    let running = RunningTool(process, input: ends[1], output: output, errors: errors, secrets: Self.secrets)
    guard result == 0 else {
      throw ArchiveTrouble("\(path) cannot be started: \(SystemError(errno: -result, call: "spawn").text)")
    }
    return running
  }

  /// What such programs are configured by; everything else stays behind.
  static let passedOn = [
    "HOME", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "LANG", "TZ", "http_proxy",
    "https_proxy",
    "no_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "GOOGLE_APPLICATION_CREDENTIALS",
  ]
  static let passedOnPrefixes = ["RCLONE_", "AWS_", "AZURE_", "OS_"]

  static func isPassedOn(_ name: some StringProtocol) -> Bool {
    passedOn.contains { $0 == name } || passedOnPrefixes.contains { name.hasPrefix($0) }
  }

  /// Of this process, as `NAME=value`.
  static var allVariables: [String] {
    var variables: [String] = []
    var place = unsafe environ
    while let text = unsafe place.pointee {
      variables.append(unsafe String(cString: text))
      unsafe place += 1
    }
    return variables
  }

  private static var variables: [String] {
    ["PATH=\(folders.joined(separator: ":"))", "LC_ALL=C.UTF-8"]
      + allVariables.filter { isPassedOn($0.prefix { $0 != "=" }) }
  }

  private static var secrets: [String] {
    let names = ["SECRET", "PASS", "TOKEN", "KEY", "CREDENTIAL"]
    return allVariables.compactMap { variable in
      let name = variable.prefix { $0 != "=" }
      return names.contains { name.contains($0) } ? String(variable.dropFirst(name.count + 1)) : nil
    }
  }
}

/// A program that runs. What it prints goes into memory, so that it never waits for us.
final class RunningTool {
  private var process: Int32
  private var input: Int32
  private let output: Int32
  private let errors: Int32
  private let secrets: [String]
  private static let most = 1 << 28

  fileprivate init(_ process: Int32, input: Int32, output: Int32, errors: Int32, secrets: [String]) {
    self.process = process
    self.input = input
    self.output = output
    self.errors = errors
    self.secrets = secrets
  }

  deinit {
    if process > 0 {
      // With what it started itself: it leads a group.
      _ = kill(-process, SIGTERM)
      _ = policy_wait(process)
    }
    closeInput()
    _ = policy_close(output)
    _ = policy_close(errors)
  }

  /// False where it takes no more: it has ended.
  func write(_ bytes: [UInt8], goOn: () throws(ArchiveTrouble) -> Void) throws(ArchiveTrouble) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer -> Int in
        guard let base = buffer.baseAddress else { return 0 }
        return unsafe Glibc.write(input, base + written, bytes.count - written)
      }
      if count < 0, errno == EINTR {
        try goOn()
        continue
      }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }

  private func closeInput() {
    if input >= 0 { _ = policy_close(input) }
    input = -1
  }

  /// Tells it that nothing more comes, and waits for its end; stops it where `goOn` says so.
  func end(goOn: () throws(ArchiveTrouble) -> Void) throws(ArchiveTrouble) -> Tool.Ended {
    closeInput()
    var wait: UInt32 = 1000
    while true {
      let status = policy_ended(process)
      if status != -EAGAIN {
        process = 0
        let words = String(decoding: read(errors), as: UTF8.self)
        return Tool.Ended(
          status: status, output: read(output), words: Redaction.lastLine(words, secrets: secrets),
          complaint: Redaction.complaint(words, secrets: secrets))
      }
      try goOn()
      usleep(wait)
      wait = min(wait * 2, 50_000)
    }
  }

  private func read(_ file: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < Self.most {
      let place = Int64(bytes.count)
      let count = unsafe piece.withUnsafeMutableBytes { buffer in
        unsafe policy_pread(file, buffer.baseAddress, buffer.count, place)
      }
      guard count > 0 else { break }
      bytes += piece[..<Int(count)]
    }
    return bytes
  }
}
