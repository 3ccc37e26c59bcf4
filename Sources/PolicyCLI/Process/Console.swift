internal import ArgumentParser
internal import Glibc
internal import PolicyReport
internal import Synchronization

/// Standard output for results, standard error for progress and messages.
enum Console {
  /// Writes a result. A reader that has gone away ends the program quietly; any other failure is the environment's (9).
  static func write(_ bytes: [UInt8]) throws { try write { $0(bytes) } }

  /// - Parameter produce: hands over the result in pieces.
  static func write(_ produce: (([UInt8]) -> Void) -> Void) throws {
    var code: Int32 = 0
    produce { piece in if code == 0 { code = writeAll(piece, to: STDOUT_FILENO) } }
    switch code {
    case 0: return
    case EPIPE: throw ExitStatus.done.code
    case let code:
      complain("cannot write the result: \(errorText(code))")
      throw ExitStatus.environment.code
    }
  }

  static func write(_ text: String) throws { try write(Array(text.utf8)) }

  /// A line to standard error; failures to write it are ignored, because there is nowhere left to say so.
  static func say(_ text: String) { _ = writeAll(Array((text + "\n").utf8), to: STDERR_FILENO) }

  /// Something to know that does not stop the command.
  static func note(_ message: String) {
    say(DisplayText.wrap("policy: note: " + message, to: Surroundings.errorStyle.width - 2).joined(separator: "\n  "))
  }

  /// The first thing that was said to be wrong: what a notice tells of a command that came to nothing.
  private static let first = Mutex<String?>(nil)
  static var complaint: String? { first.withLock { $0 } }

  static func remember(_ message: String) { first.withLock { $0 = $0 ?? message } }

  /// A message about something that went wrong, and what to do.
  static func complain(_ message: String, help: String? = nil) {
    remember(message)
    let width = Surroundings.errorStyle.width
    let lines = DisplayText.wrap("policy: " + message, to: width - 2)
    say(lines.joined(separator: "\n  "))
    guard let help else { return }
    say("  = help: " + DisplayText.wrap(help, to: width - 10).joined(separator: "\n          "))
  }

  /// 0, or the errno of the failed write.
  static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return errno
      }
      rest = rest.dropFirst(count)
    }
    return 0
  }

  /// A line typed by a person at a terminal; `nil` at the end of input.
  static func ask(_ question: String) -> String? {
    _ = writeAll(Array(question.utf8), to: STDERR_FILENO)
    return readLine(strippingNewline: true)
  }

  static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }
}
