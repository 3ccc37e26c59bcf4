internal import ArgumentParser
internal import Glibc
internal import PolicyFormats
internal import PolicyLSP

struct LSPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lsp", abstract: "Speak the language server protocol with an editor, on standard input and output.",
    discussion: ExitStatus.help)

  func run() throws {
    var server = LanguageServer(now: { Surroundings.clock }) { path in
      if case .success(let bytes) = Files.read(path, limit: 64 << 20) { bytes } else { nil }
    }
    var frames = FrameReader()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      while let frame = frames.next() {
        guard case .message(let message) = frame else {
          Console.complain("this is not the language server protocol", help: "`policy lsp` is for editors to start")
          throw ExitStatus.usage.code
        }
        try send(server.handle(message))
        if let status = server.exitStatus { throw ExitCode(status) }
      }
      // What was typed meanwhile comes first; findings are about the newest text.
      if !isMoreComing { try send(server.settle()) }
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ExitStatus.findings.code }
      frames.feed(Array(buffer[..<count]))
    }
  }

  private var isMoreComing: Bool {
    var watched = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&watched, 1, 0) > 0 && watched.revents & Int16(POLLIN) != 0
  }

  private func send(_ messages: [JSONValue]) throws {
    for message in messages { try Console.write(FrameReader.frame(CanonicalJSON.encode(message))) }
  }
}
