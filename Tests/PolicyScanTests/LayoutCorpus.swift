import Glibc
import PolicyCore
import PolicyDiagnostics
import PolicyFiles
import PolicySyntax
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// Cases of `Corpus/scan/<layout>/<case>/`, brought to life as the README there says.
struct LayoutCase: CustomStringConvertible, Sendable {
  let layout: String
  let name: String
  var description: String { "\(layout)/\(name)" }

  static let folder = repositoryRoot + "/Tests/Corpus/scan"
  private var path: String { "\(Self.folder)/\(layout)/\(name)" }

  static func listing(_ path: String) -> [(name: String, isDirectory: Bool)] {
    guard let directory = try? DirectoryDescriptor.openRoot(Array(path.utf8)), let listing = try? directory.list()
    else { return [] }
    return listing.indices.map {
      (String(decoding: listing.bytes($0), as: UTF8.self), listing.typeHint($0) == .directory)
    }
  }

  static func bytes(_ path: String) -> [UInt8]? {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let last = parts.removeLast()
    guard let directory = try? DirectoryDescriptor.openRoot(Array(parts.joined(separator: "/").utf8)),
      let name = Name(last)
    else { return nil }
    return try? directory.readFile(name, limit: 1 << 24).bytes
  }

  static func lines(_ path: String) -> [[String]] {
    String(decoding: bytes(path) ?? [], as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: " ").map(String.init) }
  }

  /// The layouts that have a folder.
  static let layouts: [String] = listing(folder).filter { $0.isDirectory && $0.name != "metrics" }.map(\.name)

  static let all: [LayoutCase] = layouts.flatMap { layout in
    listing("\(folder)/\(layout)").filter(\.isDirectory).map { LayoutCase(layout: layout, name: $0.name) }
  }

  /// The policy of the cases of layouts of one's own; the defaults for the others.
  static let ownLayouts: ScanSettings = {
    let result = PolicyLoader.load("policy.yaml") { name in
      bytes("\(folder)/custom/\(name)").map { .success($0) } ?? .failure(ReadFailure(reason: "no such file"))
    }
    return result.loaded?.policy.scan ?? ScanSettings()
  }()

  static func settings(_ layout: String) -> ScanSettings { layout == "custom" ? ownLayouts : ScanSettings() }

  /// Where stamps count back from, and how old everything is that the setup does not speak of.
  static let old = Sample.clock - 10 * Sample.day

  /// The case as a tree. `change` may alter the bytes of a file, or leave it out.
  func build(_ change: (String, [UInt8]) -> [UInt8]? = { $1 }) -> TemporaryTree {
    let tree = TemporaryTree()
    copy("", tree, change)
    for line in Self.lines(path + ".setup") {
      let file = ByteString(line.count > 1 ? line[1] : "")
      switch line[0] {
      case "make": tree.file(file, [UInt8](repeating: 7, count: Int(line[2]) ?? 0), modified: Self.old)
      case "checkpoint": tree.file(file, Sample.checkpoint(epoch: Int32(line[2]) ?? 0), modified: Self.old)
      case "directory": tree.directory(file)
      case "link":
        tree.symlink(file, to: line[2])
        tree.modified(file, Self.old)
      case "age": tree.modified(file, Sample.clock - Self.span(line[2]))
      case let word: Issue.record("\(self): no such word: \(word)")
      }
    }
    return tree
  }

  private func copy(_ below: String, _ tree: TemporaryTree, _ change: (String, [UInt8]) -> [UInt8]?) {
    for (name, isDirectory) in Self.listing(below.isEmpty ? path : "\(path)/\(below)") {
      let file = below.isEmpty ? name : "\(below)/\(name)"
      if isDirectory {
        copy(file, tree, change)
      } else if let bytes = Self.bytes("\(path)/\(file)"), let changed = change(file, bytes) {
        tree.file(ByteString(file), changed, modified: Self.old)
      }
    }
  }

  /// `3d`, `2h`, `10m`.
  private static func span(_ text: String) -> Int64 {
    let unit = text.last == "d" ? Sample.day : text.last == "h" ? Sample.hour : 60 * Sample.second
    return (Int64(text.dropLast()) ?? 0) * unit
  }
}

/// What a scan found, as text.
enum ScanText {
  /// Facts that differ from machine to machine, or that every line would repeat.
  private static let left: Set<String> = ["bytes", "files", "modified_at", "created_at", "user", "state", "role"]

  static func of(_ snapshot: Snapshot) -> String {
    var text = ""
    for entity in snapshot.entities {
      text += entity.kind == .run ? "run" : "  checkpoint"
      text += " \(entity.path.isEmpty ? "." : entity.path.displayText)"
      if entity.kind == .run { text += " \(entity.layout)" }
      let word = entity.facts.fact(entity.kind == .run ? "state" : "role")
      if case .value(.text(let word)) = word { text += " " + word.displayText }
      text += "\n"
      let indent = entity.kind == .run ? "  " : "    "
      for (name, value) in entity.facts.known.sorted(by: { $0.name < $1.name }) where !left.contains(name) {
        text += "\(indent)\(name) \(shown(name, value))\n"
      }
      let unreadable = entity.facts.unreadable
        .filter { !left.contains($0) && !$0.hasPrefix("last.") && !$0.hasPrefix("first.") }.sorted()
      if !unreadable.isEmpty { text += "\(indent)unreadable \(unreadable.joined(separator: " "))\n" }
      for note in entity.notes { text += "\(indent)note \(note.code): \(note.text)\n" }
    }
    for place in snapshot.unrecognised { text += "unrecognised \(place.path.displayText)\n" }
    for place in snapshot.unreadable { text += "unread \(place.path.displayText): \(place.reason)\n" }
    return text
  }

  private static func shown(_ name: String, _ value: FactValue) -> String {
    switch value {
    case .integer(let number):
      guard name.hasSuffix("_at") else { return "\(number)" }
      let age = Sample.clock - number
      return age % Sample.day == 0 ? "\(age / Sample.day)d ago" : "\(age / Sample.second)s ago"
    case .number(let text): return text
    case .text(let text): return text.displayText
    case .bool(let flag): return "\(flag)"
    case .set(let members): return members.map(\.displayText).joined(separator: ",")
    }
  }
}

/// A text in the corpus; written anew under `UPDATE_GOLDENS=1`, where a first record fails all the same.
enum ScanGolden {
  static func check(_ path: String, _ actual: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let expected = LayoutCase.bytes(path)
    if let expected, expected.elementsEqual(actual.utf8) { return }
    if let value = unsafe getenv("UPDATE_GOLDENS"), unsafe strcmp(value, "1") == 0 {
      let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      let bytes = Array(actual.utf8)
      _ = unsafe write(file, bytes, bytes.count)
      close(file)
      if expected != nil { return }
      Issue.record("\(path) recorded for the first time: look at it", sourceLocation: sourceLocation)
      return
    }
    Issue.record("\(path) differs; got:\n\(actual)", sourceLocation: sourceLocation)
  }
}
