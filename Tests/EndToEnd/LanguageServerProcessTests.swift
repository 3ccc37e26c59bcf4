internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// `policy lsp` as an editor starts it: the built program, over pipes.
@Suite struct LanguageServerProcessTests {
  static func frame(_ text: String) -> Data { Data("Content-Length: \(text.utf8.count)\r\n\r\n\(text)".utf8) }

  @Test func aSessionOverPipes() throws {
    let process = Process()
    process.executableURL = URL(filePath: Shell.binaries + "/policy")
    process.arguments = ["lsp"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let policy = "version: 1\\nroots: [runs]\\nrules:\\n  - id: a\\n    trash: runs\\n    where: state == crashed\\n"
    for message in [
      #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#,
      #"{"jsonrpc":"2.0","method":"initialized","params":{}}"#,
      #"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///nowhere/p.yaml","languageId":"yaml","version":1,"text":"\#(policy)"}}}"#,
      #"{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///nowhere/p.yaml"},"position":{"line":5,"character":12}}}"#,
    ] { input.fileHandleForWriting.write(Self.frame(message)) }
    var seen = ""
    // Whatever has come so far; waiting for a full buffer would wait for ever.
    while !seen.contains("P0203") {
      let part = output.fileHandleForReading.availableData
      if part.isEmpty { break }
      seen += String(decoding: part, as: UTF8.self)
    }
    input.fileHandleForWriting.write(Self.frame(#"{"jsonrpc":"2.0","id":3,"method":"shutdown"}"#))
    input.fileHandleForWriting.write(Self.frame(#"{"jsonrpc":"2.0","method":"exit"}"#))
    seen += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(seen.contains("\"definitionProvider\":true"))
    #expect(seen.contains("what the evidence on disk says"))
    #expect(seen.contains("\"code\":\"P0203\""))
    #expect(seen.hasPrefix("Content-Length: "))
  }

  @Test func anEditorThatGoesAwayEndsIt() throws {
    let process = Process()
    process.executableURL = URL(filePath: Shell.binaries + "/policy")
    process.arguments = ["lsp"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
  }
}
