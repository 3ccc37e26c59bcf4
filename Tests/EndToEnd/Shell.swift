internal import Foundation
internal import PolicyTestSupport

/// Runs commands as a user types them, with the freshly built `policy` first on PATH.
enum Shell {
  struct Outcome {
    let status: Int32
    /// Standard output and standard error, as they come.
    let output: String
  }

  /// Where the build put the executable: beside the test runner.
  static let binaries: String = {
    let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (runner as NSString).deletingLastPathComponent
  }()

  static func run(_ command: String, in directory: String, _ more: [String: String] = [:]) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = binaries + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["LC_ALL"] = "C.UTF-8"
    environment["NO_COLOR"] = "1"
    environment["COLUMNS"] = "80"
    environment["REPOSITORY"] = repositoryRoot
    environment.merge(more) { _, new in new }
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
  }
}

/// A directory of its own, removed with the test.
final class Sandbox {
  let path: String

  init(under prefix: String = NSTemporaryDirectory() + "policy-test-") throws {
    let template = prefix + UUID().uuidString.suffix(12).lowercased()
    try FileManager.default.createDirectory(atPath: template, withIntermediateDirectories: true)
    path = template
  }

  /// A directory of a short, unused name such as `/tmp/k3x9`: as long as the path that a page shows in its place, so
  /// that lines break where they break for a reader.
  init(nameOfLength length: Int) throws {
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
    while true {
      let path = "/tmp/" + String((0..<length).compactMap { _ in letters.randomElement() })
      do {
        try FileManager.default.createDirectory(
          atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        self.path = path
        return
      } catch CocoaError.fileWriteFileExists {
        continue
      }
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    let url = URL(fileURLWithPath: path + "/" + name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func run(_ command: String, _ more: [String: String] = [:]) throws -> Shell.Outcome {
    try Shell.run(command, in: path, more)
  }
}
