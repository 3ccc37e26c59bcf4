internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// Every fenced policy and console block of every page is executed.
///
/// `POLICY_UPDATE_PAGES=1` writes what really came out into the pages instead of failing; look at the difference before
/// you commit it.
struct DocumentationTests {
  static let pages: [String] = {
    var pages: [String] = []
    for top in ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"]
    where FileManager.default.fileExists(atPath: repositoryRoot + "/" + top) { pages.append(top) }
    for folder in ["Docs", "policies", "integrations"] {
      let found = FileManager.default.enumerator(atPath: repositoryRoot + "/" + folder)
      while let name = found?.nextObject() as? String {
        // The pages of codes have tests of their own: half of their policies are wrong. Those that show commands are here.
        let path = folder + "/" + name
        if name.hasSuffix(".md"), !name.hasPrefix("Diagnostics/") || showsCommands(path) { pages.append(path) }
      }
    }
    return pages.sorted()
  }()

  private static func showsCommands(_ path: String) -> Bool {
    (try? String(contentsOfFile: repositoryRoot + "/" + path, encoding: .utf8))?.contains("```console") == true
  }

  static let isUpdating = ProcessInfo.processInfo.environment["POLICY_UPDATE_PAGES"] == "1"

  @Test func `there are pages with something to execute`() throws {
    let blocks = try Self.pages.flatMap { try Page($0).blocks }
    let consoles = blocks.filter { if case .console = $0 { true } else { false } }
    let policies = blocks.filter { if case .policy = $0 { true } else { false } }
    print("documentation: \(Self.pages.count) pages, \(consoles.count) console blocks, \(policies.count) policies")
    #expect(consoles.count >= 25)
    #expect(policies.count >= 15)
  }

  @Test(arguments: pages)
  func `a page does what it says`(path: String) throws {
    let page = try Page(path)
    guard !page.blocks.isEmpty else { return }
    let session = try PageSession()
    var bodies: [Int: [String]] = [:]
    var isCurrent = true
    for block in page.blocks {
      switch block {
      case .setup(let command):
        let outcome = try session.run(command)
        #expect(outcome.status == 0, "\(path): setup `\(command)` failed:\n\(outcome.output)")
      case .console(let line, let body):
        let (shown, isAsShown) = try execute(body, "\(path):\(line)", session)
        bodies[line] = shown
        isCurrent = isCurrent && isAsShown
      case .policy(let line, let text, let error): try check(text, error, "\(path):\(line)", session.sandbox)
      }
    }
    // All of a page or nothing, so that its digests stay the same from block to block.
    if Self.isUpdating, !isCurrent { try page.write(bodies) }
  }

  /// What the block should show, and whether it did.
  private func execute(
    _ body: [String], _ place: String, _ session: PageSession
  ) throws -> (shown: [String], isAsShown: Bool) {
    guard body.first?.hasPrefix("$ ") == true else {
      Issue.record("\(place): a console block begins with `$ `")
      return (body, true)
    }
    var index = 0
    var shown: [String] = []
    var isCurrent = true
    while index < body.count {
      var command = String(body[index].dropFirst(2))
      index += 1
      while command.hasSuffix("\\"), index < body.count {
        command += "\n" + body[index]
        index += 1
      }
      var expected: [String] = []
      while index < body.count, !body[index].hasPrefix("$ ") {
        expected.append(body[index])
        index += 1
      }
      let isSpaced = expected.last?.isEmpty == true && index < body.count
      while expected.last?.isEmpty == true { expected.removeLast() }
      let outcome = try session.type(command, showing: expected)
      var actual = outcome.output.components(separatedBy: "\n")
      while actual.last?.isEmpty == true { actual.removeLast() }
      let isAsShown = Page.matches(expected, actual)
      if !Self.isUpdating {
        #expect(isAsShown, "\(place): `\(command)` came out as (status \(outcome.status))\n\(outcome.output)")
      }
      isCurrent = isCurrent && isAsShown
      shown += ("$ " + session.renewed(command)).components(separatedBy: "\n") + Page.updated(expected, actual)
      if isSpaced { shown.append("") }
    }
    return (shown, isCurrent)
  }

  private func check(_ text: String, _ error: String?, _ place: String, _ sandbox: Sandbox) throws {
    try sandbox.write("fenced/policy.yaml", text)
    let outcome = try sandbox.run("policy check fenced/policy.yaml --format compact")
    if let error {
      #expect(outcome.status == 1 && outcome.output.contains(error), "\(place): expected \(error)\n\(outcome.output)")
    } else {
      #expect(outcome.status == 0, "\(place)\n\(text)\n\(outcome.output)")
    }
  }
}
