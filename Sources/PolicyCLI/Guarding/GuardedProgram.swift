internal import CLinux
internal import Glibc

/// A program that runs beside this one: the training, or this program itself at work on a policy.
struct GuardedProgram {
  /// Why a program cannot be started.
  enum Fault: Error {
    case missing
    case failed(Int32)
  }

  let process: Int32

  /// The training as whoever called us would have started it: with the environment and the standard streams that we got.
  static func start(_ words: [String]) throws(Fault) -> GuardedProgram {
    let environment = originalEnvironment()
    guard let path = path(of: words[0], environment) else { throw Fault.missing }
    return try start(path, words, environment: environment, output: -1)
  }

  /// This program itself, on its own: nothing to read, and everything it says goes to `output`.
  static func startPolicy(_ words: [String], output: Int32) throws(Fault) -> GuardedProgram {
    try start("/proc/self/exe", ["policy"] + words, environment: currentEnvironment(), output: output)
  }

  private static func start(
    _ path: String, _ words: [String], environment: [[CChar]], output: Int32
  ) throws(Fault) -> GuardedProgram {
    var process: Int32 = 0
    let arguments = words.map { $0.utf8.map { CChar(bitPattern: $0) } + [0] }
    let code = unsafe withPointers(arguments) { arguments in
      unsafe withPointers(environment) { environment in
        unsafe policy_start(path, arguments, environment, output, &process)
      }
    }
    guard code == 0 else { throw Fault.failed(-code) }
    return GuardedProgram(process: process)
  }

  /// How it ended; `nil` as long as it runs.
  func ended() -> Int32? {
    let status = policy_ended(process)
    if status == -EAGAIN { return nil }
    return status < 0 ? ExitStatus.internalError.rawValue : status
  }

  func send(_ signal: Int32) { kill(process, signal) }

  /// From here on it works only when nothing else wants the processor or the disk.
  func yieldToOthers() { policy_yield_to_others(process) }

  // MARK: What it is started with

  /// What this process was started with, before root's was cleared. The kernel still shows it.
  private static func originalEnvironment() -> [[CChar]] {
    guard case .success(let bytes) = Files.read("/proc/self/environ"), !bytes.isEmpty else {
      return currentEnvironment()
    }
    return bytes.split(separator: 0).map { $0.map { CChar(bitPattern: $0) } + [0] }
  }

  private static func currentEnvironment() -> [[CChar]] {
    var entries: [[CChar]] = []
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      let length = unsafe strlen(entry)
      entries.append(unsafe Array(UnsafeBufferPointer(start: entry, count: length + 1)))
      unsafe next += 1
    }
    return entries
  }

  /// Where a shell would find the program.
  private static func path(of word: String, _ environment: [[CChar]]) -> String? {
    if word.contains("/") { return word }
    let prefix = "PATH=".utf8.map { CChar(bitPattern: $0) }
    let entry = environment.first { $0.starts(with: prefix) }?.dropFirst(prefix.count).dropLast()
    let value = entry.map { String(decoding: $0.map { UInt8(bitPattern: $0) }, as: UTF8.self) } ?? "/usr/bin:/bin"
    for folder in value.split(separator: ":", omittingEmptySubsequences: false) {
      let path = (folder.isEmpty ? "." : String(folder)) + "/" + word
      if unsafe access(path, X_OK) == 0, !Folders.isFolder(path) { return path }
    }
    return nil
  }

  /// Calls with the NULL-terminated list of pointers that C wants.
  private static func withPointers<Result>(
    _ texts: [[CChar]], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    var copies = unsafe texts.map { text in unsafe UnsafePointer<CChar>(strdup(text)) } + [nil]
    defer { unsafe copies.forEach { unsafe free(UnsafeMutableRawPointer(mutating: $0)) } }
    return unsafe body(&copies)
  }
}
