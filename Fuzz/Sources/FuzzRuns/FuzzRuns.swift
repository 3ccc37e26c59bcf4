import Foundation
import FuzzDriver
import PolicyCore
import PolicyFiles
import PolicyFormats

@testable import PolicyScan

/// Any bytes as the metric file of a run of any layout, scanned as a whole: no figure that does not stand in a file of it,
/// a note wherever something cannot be read, and a snapshot that comes back from its file.
///
/// The first byte chooses the layout. A byte 1 stands for a line that is too long, once.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRuns(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
  guard let first = bytes.first else { return 0 }
  let made = MadeRun.all[Int(first) % MadeRun.all.count]
  var content = Array(bytes.dropFirst())
  if let place = content.firstIndex(of: 1) {
    content.replaceSubrange(place...place, with: [UInt8](repeating: 56, count: LineCaps.line + 1))
  }
  made.write(content)
  made.check(content)
  return 0
}

/// An optimised build traps without a word.
func demand(_ condition: Bool, _ words: @autoclosure () -> String) {
  guard !condition else { return }
  FileHandle.standardError.write(Data("FuzzRuns: \(words())\n".utf8))
  abort()
}

/// The clean case of a layout's corpus, in a directory of its own.
struct MadeRun: @unchecked Sendable {
  let layout: String
  /// Absolute path of the directory, and the metric file below it.
  let folder: String
  let file: String
  let clean: [UInt8]
  /// A number in the metric file, and the word for none.
  let words: (number: String, none: String)
  /// What stands in the other files, where figures may be too.
  let others: Set<ArraySlice<UInt8>>

  static let all: [MadeRun] = {
    let base = FileManager.default.temporaryDirectory.path + "/fuzz-runs-\(getpid())"
    let cases = ProcessInfo.processInfo.environment["FUZZ_CASES"] ?? ""
    return BuiltInLayouts.all.map(\.name).sorted().map { MadeRun($0, cases: cases, base: base) }
  }()

  private init(_ layout: String, cases: String, base: String) {
    self.layout = layout
    folder = base + "/" + layout
    func lines(_ name: String) -> [[String]] {
      let text = (try? String(contentsOfFile: "\(cases)/\(layout)/\(name)", encoding: .utf8)) ?? ""
      return text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }
    try? FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
    try? FileManager.default.removeItem(atPath: folder)
    try? FileManager.default.copyItem(atPath: "\(cases)/\(layout)/clean", toPath: folder)
    for line in lines("clean.setup") where line.count > 2 && ["make", "checkpoint"].contains(line[0]) {
      let path = URL(fileURLWithPath: folder + "/" + line[1])
      try? FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      try? Data(repeating: 7, count: 90).write(to: path)
    }
    guard let spoil = lines("spoil").first, spoil.count == 3 else {
      preconditionFailure("FUZZ_CASES has no corpus of \(layout)")
    }
    file = spoil[0]
    words = (spoil[1], spoil[2])
    clean = Array((try? Data(contentsOf: URL(fileURLWithPath: folder + "/" + spoil[0]))) ?? Data())
    var others: [UInt8] = []
    let names = FileManager.default.enumerator(atPath: folder)
    while let name = names?.nextObject() as? String {
      guard name != spoil[0], let bytes = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
      others += bytes
    }
    self.others = Self.figures(others)
  }

  /// Everything that is made of the bytes of numbers alone, as long as it goes.
  private static func figures(_ bytes: [UInt8]) -> Set<ArraySlice<UInt8>> {
    let marks: Set<UInt8> = [
      UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"),
    ]
    return Set(bytes.split { !(48...57).contains($0) && !marks.contains($0) }.filter { $0.count < 4096 })
  }

  func write(_ content: [UInt8]) {
    let file = open(folder + "/" + file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    demand(file >= 0 && Glibc.write(file, content, content.count) == content.count, "cannot write")
    close(file)
  }

  func check(_ content: [UInt8]) {
    guard let directory = try? DirectoryDescriptor.openRoot(Array(folder.utf8)) else {
      preconditionFailure("cannot open")
    }
    let request = ScanRequest(
      roots: [ByteString(folder)], clock: Timestamp(nanoseconds: 2_000_000_000_000_000_000), host: "h", homes: [],
      threads: 1)
    let reader = RunReader(
      layouts: LayoutTable.layouts(request.settings), declared: DeclaredFactReader(declarations: []),
      machine: Self.machine)
    let scan = ParallelScan(
      reader: reader, records: OwnerRecords(directory, root: 0, schema: Self.schema, state: nil), request: request,
      openFiles: OpenFiles(), earlier: nil, root: 0)
    guard let found = try? scan.scan(directory) else { preconditionFailure("not scanned") }
    var snapshot = Snapshot(
      now: request.clock, scannedAt: request.clock, roots: [Root(host: "h", path: ByteString(folder))],
      scan: request.settings, declaredFacts: [])
    snapshot.entities = found.entities
    snapshot.normalise()
    let figures = Self.figures(content)
    for entity in snapshot.entities {
      demand(
        entity.kind != .run || entity.facts.unreadable.isEmpty || !entity.notes.isEmpty, "unreadable without a note")
      let percentages = LayoutTable.builtIn.first { $0.name == entity.layout }?.percentages ?? []
      for (name, value) in entity.facts.known {
        guard case .number(let text) = value else { continue }
        let last = name.split(separator: ".").last.map(String.init) ?? name
        if last == "fitness" || percentages.contains(where: { name.hasSuffix($0) }) { continue }
        let figure = Array(text.utf8)[...]
        demand(figures.contains(figure) || others.contains(figure), "a figure of nobody's: \(name) \(text)")
      }
    }
    let bytes = SnapshotCodec.encode(snapshot)
    let back = SnapshotCodec.decode(bytes, path: "s.jsonl", schema: Self.schema)
    demand(back.diagnostics.isEmpty && back.snapshot.map { SnapshotCodec.encode($0) } == bytes, "does not come back")
  }

  private static let machine = Machine(host: "h")
  private static let schema = FactSchema()

  /// The clean file, and each way in which real ones are spoiled.
  func seeds() -> [(name: String, bytes: [UInt8])] {
    let place = UInt8(Self.all.firstIndex { $0.layout == layout } ?? 0)
    let spoiled = Spoil.allCases.compactMap { kind in
      kind.of(clean, number: words.number, none: words.none).map { (kind.rawValue, $0) }
    }
    return ([("clean", clean)] + spoiled).map { name, bytes in
      let long = [UInt8](repeating: 56, count: LineCaps.line + 1)
      var content = bytes
      if let range = content.firstRange(of: long) { content.replaceSubrange(range, with: [1]) }
      return ("\(layout)-\(name)", [place] + content)
    }
  }
}

func writeSeeds(to folder: String) {
  for run in MadeRun.all {
    for (name, bytes) in run.seeds() {
      let path = URL(fileURLWithPath: folder + "/" + name)
      try? Data(bytes).write(to: path)
    }
  }
}

/// The name under which the package manager looks for `main`.
@_cdecl("FuzzRuns_main")
public func start(_ count: CInt, _ arguments: Arguments) -> CInt {
  if let folder = seedFolder(count, arguments) {
    writeSeeds(to: folder)
    return 0
  }
  return fuzz(count, arguments) { fuzzRuns($0, $1) }
}
