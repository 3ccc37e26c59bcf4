internal import ArgumentParser
internal import Glibc

/// Standard output for results, standard error for progress and messages.
enum Console {
  /// Writes a result. A reader that has gone away ends the program quietly; any other failure is the environment's (9).
  static func write(_ bytes: [UInt8]) throws {
    switch writeAll(bytes, to: STDOUT_FILENO) {
    case 0: return
    case EPIPE: throw ExitStatus.done.code
    case let code:
      say("cannot write the result: \(errorText(code))")
      throw ExitStatus.environment.code
    }
  }

  static func write(_ text: String) throws { try write(Array(text.utf8)) }

  /// A line to standard error; failures to write it are ignored, because there is nowhere left to say so.
  static func say(_ text: String) { _ = writeAll(Array((text + "\n").utf8), to: STDERR_FILENO) }

  /// A message about something that went wrong, and what to do.
  static func complain(_ message: String, help: String? = nil) {
    say("policy: " + message + (help.map { "\n  = help: " + $0 } ?? ""))
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

func errorText(_ code: Int32) -> String {
  guard let text = unsafe strerror(code) else { return "error \(code)" }
  return unsafe String(cString: text)
}
