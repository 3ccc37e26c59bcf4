internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// Every fenced policy and console block of every page is executed.
struct DocumentationTests {
  static let pages: [String] = {
    var pages: [String] = []
    for top in ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"]
    where FileManager.default.fileExists(atPath: repositoryRoot + "/" + top) { pages.append(top) }
    for folder in ["Docs", "policies", "integrations"] {
      let found = FileManager.default.enumerator(atPath: repositoryRoot + "/" + folder)
      while let name = found?.nextObject() as? String {
        if name.hasSuffix(".md") { pages.append(folder + "/" + name) }
      }
    }
    return pages.sorted()
  }()

  @Test func `there are pages with something to execute`() throws {
    let blocks = try Self.pages.flatMap { try Page($0).blocks }
    let consoles = blocks.filter { if case .console = $0 { true } else { false } }
    let policies = blocks.filter { if case .policy = $0 { true } else { false } }
    print("documentation: \(Self.pages.count) pages, \(consoles.count) console blocks, \(policies.count) policies")
    #expect(consoles.count >= 5)
    #expect(policies.count >= 10)
  }

  @Test(arguments: pages)
  func `a page does what it says`(path: String) throws {
    let page = try Page(path)
    guard !page.blocks.isEmpty else { return }
    let sandbox = try Sandbox()
    _ = try sandbox.run(
      "cp -r \"$REPOSITORY/policies\" . ; mkdir scripts; cp \"$REPOSITORY\"/scripts/demo-tree scripts/")
    for block in page.blocks {
      switch block {
      case .setup(let command):
        let outcome = try sandbox.run(command)
        #expect(outcome.status == 0, "\(path): setup `\(command)` failed:\n\(outcome.output)")
      case .console(let line, let body): try execute(body, "\(path):\(line)", sandbox)
      case .policy(let line, let text, let error): try check(text, error, "\(path):\(line)", sandbox)
      }
    }
  }

  private func execute(_ body: [String], _ place: String, _ sandbox: Sandbox) throws {
    var index = 0
    while index < body.count {
      guard body[index].hasPrefix("$ ") else {
        Issue.record("\(place): a console block begins with `$ `")
        return
      }
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
      while expected.last?.isEmpty == true { expected.removeLast() }
      let outcome = try sandbox.run(command)
      var actual = outcome.output.components(separatedBy: "\n")
      while actual.last?.isEmpty == true { actual.removeLast() }
      #expect(
        Page.matches(expected, actual),
        "\(place): `\(command)` came out as (status \(outcome.status))\n\(outcome.output)")
    }
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
