import Foundation
import PolicyCore
import PolicyFormats
import PolicyLSP
import PolicyTestSupport
import Testing

/// A client that talks to a server without a pipe between them.
struct Client {
  var server: LanguageServer
  private var nextID = 0
  static let uri = "file:///home/you/policy.yaml"

  init(files: [String: String] = [:], encoding: String? = nil, start: Bool = true) {
    server = LanguageServer(now: { Timestamp("2026-11-24") ?? Timestamp(nanoseconds: 0) }) { path in
      files[path].map { Array($0.utf8) }
    }
    if start {
      _ = request(
        "initialize", "{\"capabilities\":{\"general\":{\"positionEncodings\":[\"\(encoding ?? "utf-16")\"]}}}")
    }
  }

  mutating func request(_ method: String, _ params: String) -> [String: Any] {
    nextID += 1
    let text = "{\"jsonrpc\":\"2.0\",\"id\":\(nextID),\"method\":\"\(method)\",\"params\":\(params)}"
    return Self.object(server.handle(Array(text.utf8)).first)
  }

  mutating func notify(_ method: String, _ params: String) {
    let text = "{\"jsonrpc\":\"2.0\",\"method\":\"\(method)\",\"params\":\(params)}"
    _ = server.handle(Array(text.utf8))
  }

  static func object(_ value: JSONValue?) -> [String: Any] {
    guard let value else { return [:] }
    return (try? JSONSerialization.jsonObject(with: Data(CanonicalJSON.encode(value)))) as? [String: Any] ?? [:]
  }

  static func quoted(_ text: String) -> String {
    String(decoding: CanonicalJSON.encode(.string(text)), as: UTF8.self)
  }

  mutating func open(_ text: String) {
    notify("textDocument/didOpen", "{\"textDocument\":{\"uri\":\"\(Self.uri)\",\"text\":\(Self.quoted(text))}}")
  }

  /// Codes of the findings that are published for the document.
  mutating func codes() -> [String]? {
    for message in server.settle().map({ Self.object($0) }) {
      guard let params = message["params"] as? [String: Any], params["uri"] as? String == Self.uri else { continue }
      return (params["diagnostics"] as? [[String: Any]])?.compactMap { $0["code"] as? String }
    }
    return nil
  }

  /// A request about the place of `|` in a text that is opened without it.
  mutating func ask(_ method: String, _ marked: String) -> Any? {
    let text = marked.replacing("|", with: "", maxReplacements: 1)
    open(text)
    let head = marked.prefix { $0 != "|" }
    let line = head.count { $0 == "\n" }
    let column = head.split(separator: "\n", omittingEmptySubsequences: false).last?.utf16.count ?? 0
    return request(
      method,
      "{\"textDocument\":{\"uri\":\"\(Self.uri)\"},\"position\":{\"line\":\(line),\"character\":\(column)}}")["result"]
  }

  mutating func labels(_ marked: String) -> [String] {
    let result = ask("textDocument/completion", marked) as? [String: Any]
    return (result?["items"] as? [[String: Any]])?.compactMap { $0["label"] as? String } ?? []
  }
}

@Suite struct LanguageServerTests {
  static let policy = """
    version: 1
    roots: [runs]
    trash: { purge_after: 7d }
    params: { recent: { default: 3 } }
    rules:
      - id: recent
        keep: runs
        per: all
        latest: $recent
      - id: stale
        trash: runs
        where: state == failed
        after: 24h

    """

  @Test func findingsComeAndGoWithWhatIsTyped() {
    var client = Client()
    client.open(Self.policy.replacing("== failed", with: "== crashed"))
    #expect(client.codes() == ["P0203"])
    #expect(client.codes() == nil)
    let line = "{\"line\":11,\"character\":20}"
    client.notify(
      "textDocument/didChange",
      "{\"textDocument\":{\"uri\":\"\(Client.uri)\"},\"contentChanges\":[{\"range\":{\"start\":\(line),\"end\":{\"line\":11,\"character\":27}},\"text\":\"failed\"}]}"
    )
    #expect(client.codes() == [])
    client.notify("textDocument/didClose", "{\"textDocument\":{\"uri\":\"\(Client.uri)\"}}")
    #expect(client.codes() == [])
  }

  /// Editors show every YAML file; only what begins like a policy is one.
  @Test func otherFilesAreLeftAlone() {
    var client = Client()
    for text in [
      "services:\n  web:\n    image: nginx\n", "version: \"3.8\"\nservices:\n  web:\n    image: nginx\n",
      "version: 1\npolicy: ../box.yaml\ncases:\n  - name: a\n    now: 2027-01-15T08:00:00Z\n",
      "on: push\njobs:\n  a: {}\n",
    ] {
      client.open(text)
      #expect(client.codes() == [], "\(text)")
    }
    client.open("version: 1\nrulez: []\n")
    #expect(client.codes()?.contains("P0002") == true)
    client.open("rules: []\n")
    #expect(client.codes()?.contains("P0001") == true)
  }

  @Test func analysesAreThereToo() {
    var client = Client()
    client.open(Self.policy.replacing("keep: runs", with: "keep: checkpoints").replacing("per: all", with: "per: run"))
    #expect(client.codes()?.contains("P0330") == true)
  }

  @Test func hoverExplainsFactsKeysAndParams() throws {
    var client = Client()
    func text(_ marked: String) -> String {
      let hover = client.ask("textDocument/hover", marked) as? [String: Any]
      return (hover?["contents"] as? [String: Any])?["value"] as? String ?? ""
    }
    #expect(text(Self.policy.replacing("where: state", with: "where: st|ate")).contains("one of `running`"))
    #expect(text(Self.policy.replacing("    after:", with: "    af|ter:")).contains("age at least this"))
    #expect(text(Self.policy.replacing("$recent", with: "$re|cent")) == "param `recent` = `3`")
    #expect(text(Self.policy.replacing("id: stale", with: "id: st|ale")).contains("last-snapshot"))
    #expect(text(Self.policy.replacing("params: { recent", with: "params: { re|cent")) == "param `recent` = `3`")
    let never = Self.policy + "never:\n  - id: go|od\n    destroy: runs\n    where: state == running\n"
    #expect(text(never).contains("`good`: a promise"))
    let broken = Self.policy.replacing("== failed", with: "== crashed")
    var fresh = Client()
    let hover = fresh.ask("textDocument/hover", broken.replacing("id: stale", with: "id: st|ale")) as? [String: Any]
    let said = (hover?["contents"] as? [String: Any])?["value"] as? String ?? ""
    #expect(said.contains("`stale`: a rule; what it would do is shown once the policy has no errors"))
  }

  /// Braces on one line are the same blocks.
  @Test func bracesAreBlocksToo() {
    var client = Client()
    let rule = client.labels(Self.policy + "  - { id: x, trash: runs, | }")
    #expect(rule.contains("where") && rule.contains("after") && !rule.contains("id") && !rule.contains("trash"))
    let early = client.labels(Self.policy + "  - { id: x, |, trash: runs, where: state == failed }")
    #expect(early.contains("after") && !early.contains("where") && !early.contains("latest"))
    #expect(client.labels(Self.policy + "  - { id: x, trash: runs, where: state == | }").contains("interrupted"))
    #expect(
      client.labels(Self.policy + "  - { id: x, trash: runs, where: \"state in [failed, |\" }").contains("finished"))
    let best = Self.policy + "  - { id: x, keep: checkpoints, per: run, best: { by: ep|, n: 1 } }"
    #expect(client.labels(best).contains("epoch"))
    #expect(!client.labels(Self.policy.replacing("{ purge_after: 7d }", with: "{ purge_after: 7d, | }")).isEmpty)
  }

  @Test func hoverTellsWhatARuleWouldDo() {
    let snapshot = """
      {"format":"policy-snapshot/1.0","now":"2027-01-15T08:00:00Z","roots":[{"path":"/r"}]}
      {"kind":"run","root":"/r","path":"a","facts":{"state":"failed","finished_at":"2027-01-01T00:00:00Z","modified_at":"2027-01-01T00:00:00Z"}}

      """
    var client = Client(files: ["/s.jsonl": snapshot], start: false)
    _ = client.request("initialize", "{\"initializationOptions\":{\"snapshot\":\"/s.jsonl\"}}")
    let text = Self.policy.replacing("latest: $recent", with: "oldest: none").replacing(
      "params: { recent: { default: 3 } }\n", with: "")
    let hover = client.ask("textDocument/hover", text.replacing("id: stale", with: "id: st|ale")) as? [String: Any]
    let value = (hover?["contents"] as? [String: Any])?["value"] as? String ?? ""
    #expect(value.contains("would trash 1") && value.contains("`a`"), "\(value)")
  }

  @Test func completionKnowsKeysFactsMembersAndParams() {
    var client = Client()
    let trash = client.labels(Self.policy + "  - id: x\n    trash: runs\n    |")
    #expect(trash.contains("where") && trash.contains("after") && !trash.contains("latest") && !trash.contains("trash"))
    let keep = client.labels(Self.policy + "  - id: x\n    keep: runs\n    la|")
    #expect(keep == ["latest"])
    #expect(client.labels(Self.policy + "  - id: x\n    trash: runs\n    where: state == |").contains("interrupted"))
    #expect(
      client.labels(Self.policy + "  - id: x\n    trash: runs\n    where: state in [failed, |").contains("finished"))
    #expect(client.labels(Self.policy + "  - id: x\n    trash: runs\n    where: mAP5|").contains("mAP50-95"))
    #expect(client.labels(Self.policy + "  - id: x\n    thin: checkpoints\n    where: run.st|").contains("run.state"))
    #expect(client.labels(Self.policy.replacing("$recent", with: "$|")) == ["$recent"])
    #expect(client.labels("version: 1\nro|") == ["roots"])
    #expect(client.labels(Self.policy + "  - id: x\n    trash: |") == ["runs", "checkpoints"])
    #expect(client.labels(Self.policy + "quotas:\n  - id: q\n    of: runs\n    li|") == ["limit"])
  }

  @Test func definitionLeadsToParamsAndImports() throws {
    var client = Client(files: ["/home/you/base.yaml": "version: 1\n"])
    let param =
      client.ask("textDocument/definition", Self.policy.replacing("$recent", with: "$re|cent")) as? [String: Any]
    let start = (param?["range"] as? [String: Any])?["start"] as? [String: Any]
    #expect(start?["line"] as? Int == 3)
    let file =
      client.ask("textDocument/definition", "version: 1\nroots: [runs]\nimports: [ba|se.yaml]\n") as? [String: Any]
    #expect(file?["uri"] as? String == "file:///home/you/base.yaml")
  }

  @Test func fixesAndFormattingAreEdits() throws {
    var client = Client()
    client.open(Self.policy.replacing("where: state", with: "filter: state"))
    let actions =
      client.request(
        "textDocument/codeAction",
        "{\"textDocument\":{\"uri\":\"\(Client.uri)\"},\"range\":{\"start\":{\"line\":11,\"character\":5},\"end\":{\"line\":11,\"character\":6}}}"
      )["result"] as? [[String: Any]]
    #expect(actions?.first?["title"] as? String == "did you mean `where`?")
    client.open(Self.policy.replacing("    per: all\n    latest: $recent", with: "    latest:   $recent\n    per: all"))
    let edits =
      client.request("textDocument/formatting", "{\"textDocument\":{\"uri\":\"\(Client.uri)\"},\"options\":{}}")[
        "result"]
      as? [[String: Any]]
    let formatted = try #require(edits?.first?["newText"] as? String)
    #expect(formatted.contains("per: all\n    latest: $recent\n\n  - id: stale"))
  }

  @Test func formattingSaysWhyItDoesNothing() {
    let request = "{\"textDocument\":{\"uri\":\"\(Client.uri)\"},\"options\":{}}"
    var client = Client()
    client.open(Self.policy.replacing("where: state", with: "filter: state"))
    let refused = client.request("textDocument/formatting", request)["error"] as? [String: Any]
    #expect(refused?["code"] as? Int == -32803)
    #expect(
      refused?["message"] as? String == "not formatted: this policy has a mistake, the first on line 12; mend it first")
    client.open("roots:\n  # here\n  [runs]\nversion: 1\nrules: []\n")
    #expect((client.request("textDocument/formatting", request)["result"] as? [Any])?.count == 1)
    // What only others import has no roots.
    client.open("version: 1\nrules:\n- {id: a, keep: runs, where: pinned}\n")
    #expect((client.request("textDocument/formatting", request)["result"] as? [Any])?.count == 1)
  }

  @Test func theProtocolIsKept() {
    var early = Client(start: false)
    let refused = early.request("textDocument/hover", "{}")["error"] as? [String: Any]
    #expect(refused?["code"] as? Int == -32002)
    var client = Client()
    #expect((client.request("no/such", "{}")["error"] as? [String: Any])?["code"] as? Int == -32601)
    #expect(Client.object(client.server.handle(Array("{".utf8)).first)["error"] != nil)
    #expect(client.server.handle(Array("{\"jsonrpc\":\"2.0\",\"method\":\"$/whatever\"}".utf8)).isEmpty)
    _ = client.request("shutdown", "null")
    #expect((client.request("textDocument/hover", "{}")["error"] as? [String: Any])?["code"] as? Int == -32600)
    client.notify("exit", "null")
    #expect(client.server.exitStatus == 0)
    var rude = Client()
    rude.notify("exit", "null")
    #expect(rude.server.exitStatus == 1)
  }

  /// Half of a policy is what a server sees most of the time.
  @Test func nothingCrashesInTheMiddleOfAWord() throws {
    var asked = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: repositoryRoot + "/policies").sorted() {
      guard let text = try? String(contentsOfFile: repositoryRoot + "/policies/\(name)/policy.yaml", encoding: .utf8)
      else {
        continue
      }
      var client = Client()
      for end in stride(from: 0, to: text.count, by: 17) {
        _ = client.labels(String(text.prefix(end)) + "|")
        _ = client.ask("textDocument/hover", String(text.prefix(end)) + "|" + String(text.dropFirst(end)))
        asked += 1
      }
    }
    #expect(asked > 200)
  }
}
