internal import ArgumentParser
internal import CLinux
internal import Glibc
internal import PolicyApply
internal import PolicyCore
internal import PolicyFormats
internal import PolicyReport

/// Tells a program of the user's how an apply went: one JSON object on its standard input.
///
/// Whatever becomes of it is said, and changes nothing of the apply, which is over by then.
struct Notice {
  let words: [String]
  /// Seconds until a program that does not end is ended.
  private static let patience = 60

  /// The words of a command: parted by blanks, held together by quotes of either kind, and that is all: no shell reads
  /// it, so that nothing else in it means anything.
  static func words(_ text: String) throws -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == " " || character == "\t" || character == "\n" {
        if let whole = word { words.append(whole) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if quote != nil { throw ValidationError("`--notify \(text)`: a quote is not closed") }
    if let word { words.append(word) }
    guard let program = words.first, !program.isEmpty else {
      throw ValidationError("`--notify` names no program: write `--notify /usr/local/bin/tell-me`")
    }
    return words
  }

  /// The status that a command ends with, and what was wrong.
  static func ending(_ error: (any Error)?) -> (status: Int32, complaint: String?) {
    guard let error else { return (ExitStatus.done.rawValue, nil) }
    if let code = error as? ExitCode { return (code.rawValue, Console.complaint) }
    let status = error is ValidationError ? ExitStatus.usage : .internalError
    return (status.rawValue, PolicyCommand.message(for: error))
  }

  /// Whether it can be started: by its path, or from where schedulers look.
  static func isProgram(_ name: String) -> Bool {
    let folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    let paths = name.contains("/") ? [name] : folders.map { "\($0)/\(name)" }
    return paths.contains { unsafe access($0, X_OK) == 0 && !Folders.isFolder($0) }
  }

  init(_ text: String) throws {
    words = try Self.words(text)
    // Root obeys only what nobody else can change.
    if words[0].contains("/") { try TrustedFile.require(words[0]) }
  }

  func send(_ message: [UInt8]) {
    let name = DisplayText.escape(words[0])
    let input = policy_memory_file()
    guard input >= 0, Console.writeAll(message, to: input) == 0, lseek(input, 0, SEEK_SET) == 0 else {
      return Console.note("nobody was told: \(errorText(errno))")
    }
    defer { close(input) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    // The result of this command is not to be mixed with what others print.
    unsafe posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    for signal in [SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP] { _ = unsafe sigaddset(&signals, signal) }
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var vector: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe vector.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let code = unsafe posix_spawnp(&child, words[0], &actions, &attributes, &vector, environ)
    guard code == 0 else { return Console.note("cannot start `\(name)`, so nobody was told: \(errorText(code))") }
    var status: Int32 = 0
    for _ in 0..<(Self.patience * 50) {
      let ended = unsafe waitpid(child, &status, WNOHANG)
      if ended == child { return report(name, status) }
      if ended < 0, errno != EINTR { return }
      usleep(20_000)
    }
    kill(-child, SIGKILL)
    while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
    Console.note("`\(name)` was still at work after \(Self.patience) seconds and was ended")
  }

  private func report(_ name: String, _ status: Int32) {
    guard status != 0 else { return }
    let words = status & 0x7F == 0 ? "status \((status >> 8) & 0xFF)" : "signal \(status & 0x7F)"
    Console.note("`\(name)`, which was to be told, ended with \(words)")
  }
}
