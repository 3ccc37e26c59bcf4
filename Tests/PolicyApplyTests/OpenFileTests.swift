import Foundation
import PolicyCore
import Testing

@testable import PolicyApply

/// A purge removes nothing that a process still has open.
struct OpenFileTests {
  private func trashed(_ root: TestRoot) throws {
    root.run("exp1")
    root.run("exp2")
    #expect(root.apply([try root.trash("exp1"), try root.trash("exp2")]).status == .done)
  }

  private func file(_ root: TestRoot, of name: String) throws -> String {
    guard let item = root.list().first(where: { $0.path == ByteString(name) }) else { throw TestFailure(name) }
    return "\(root.path)/\(root.trashFiles)/\(item.record)/weights/last.pt"
  }

  /// Opens a file in another process, for reading, until told.
  private final class Reader {
    private let process = Process()
    private let pipe = Pipe()
    init(_ script: String, _ path: String) throws {
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["python3", "-c", script, path]
      process.standardInput = pipe
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      _ = output.fileHandleForReading.availableData
    }
    deinit {
      try? pipe.fileHandleForWriting.close()
      process.waitUntilExit()
    }
  }

  private static let open = "import sys; f = open(sys.argv[1], 'rb'); print('open', flush=True); sys.stdin.read()"
  private static let mapped = """
    import mmap, sys
    f = open(sys.argv[1], 'rb'); m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ); f.close()
    print('mapped', flush=True); sys.stdin.read()
    """

  @Test(arguments: [open, mapped]) func anOpenFileIsNotPurged(script: String) throws {
    let root = TestRoot()
    try trashed(root)
    var reader: Reader? = try Reader(script, try file(root, of: "exp1"))
    let outcome = TrashCan.purge(.plan(root.digest, nowFree: true), roots: [root.root], options: root.options())
    #expect(reader != nil)
    #expect(outcome.status == .partial)
    #expect(reason(outcome, 0) == "a process still has a file of it open")
    #expect(reason(outcome, 1) == "done")
    reader = nil
    #expect(
      TrashCan.purge(.plan(root.digest, nowFree: true), roots: [root.root], options: root.options()).status == .done)
  }
}
