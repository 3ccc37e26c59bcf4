internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Reads what the policy's own `facts:` declare off a run.
struct DeclaredFactReader {
  /// Largest JSON file that is read.
  static let jsonLimit = 16 << 20

  let declarations: [FactDeclaration]

  struct Reading {
    var facts: [(name: String, fact: Fact)] = []
    /// One column a declaration, for the checkpoints of the run.
    var columns: [(declaration: FactDeclaration, series: MetricSeries)] = []
    var notes: [ScanNote] = []
  }

  /// `shared` is the layout's own metric file, which is not read twice.
  func read(
    _ directory: borrowing DirectoryDescriptor, shared: (path: RelativePath, file: MetricFile)?
  ) -> Reading {
    var reading = Reading()
    var files: [(path: RelativePath, file: MetricFile)] = []
    if let shared { files.append(shared) }
    for declaration in declarations {
      switch declaration.source {
      case .column(let path, let column, let take):
        guard let path = RelativePath(path.bytes) else { continue }
        if !files.contains(where: { $0.path == path }) {
          let file = MetricFile(directory, path)
          reading.notes += file.notes
          files.append((path, file))
        }
        guard let file = files.first(where: { $0.path == path })?.file else { continue }
        read(declaration, column, take, file, &reading)
      case .pointer(let path, let pointer, let take):
        guard let path = RelativePath(path.bytes) else { continue }
        let fact = Self.pointed(directory, path, JSONPointer(pointer), take, declaration, &reading.notes)
        reading.facts.append((declaration.name, fact))
      case nil: continue
      }
    }
    return reading
  }

  private func read(
    _ declaration: FactDeclaration, _ column: String, _ take: FactDeclaration.Take, _ file: MetricFile,
    _ reading: inout Reading
  ) {
    guard let table = file.table else {
      reading.facts.append((declaration.name, file.isUnreadable ? .unreadable : .missing))
      return
    }
    if declaration.type.isNumeric {
      let metric = MetricDeclaration(
        declaration.name, declaration.type, better: declaration.better ?? .higher, columns: [column])
      guard let series = MetricSeries(table, metrics: [metric], epochNames: ["epoch", "step", "iteration"]) else {
        reading.facts.append((declaration.name, .unreadable))
        return
      }
      let fact = series.column(declaration.name).map { MetricFacts.value($0, take) } ?? .missing
      reading.facts.append((declaration.name, fact))
      reading.columns.append((declaration, series))
      return
    }
    guard let place = table.column(column) else {
      reading.facts.append((declaration.name, .missing))
      return
    }
    let texts = table.rows.indices.compactMap { table.cell($0, place) }.filter { !$0.isEmpty }
    let text = take == .first ? texts.first : texts.last
    reading.facts.append((declaration.name, text.map { FactText.fact($0, declaration.type) } ?? .missing))
  }

  private static func pointed(
    _ directory: borrowing DirectoryDescriptor, _ path: RelativePath, _ pointer: JSONPointer,
    _ take: FactDeclaration.Take, _ declaration: FactDeclaration, _ notes: inout [ScanNote]
  ) -> Fact {
    switch RunFile.read(directory, path, limit: jsonLimit) {
    case .absent: return .missing
    case .failed, .unstable: break
    case .content(let file):
      if !file.isCut, let documents = documents(file.bytes) {
        let found = documents.compactMap { pointer.value(in: $0) }.flatMap { $0.arrayValue ?? [$0] }
        return choose(found, take, declaration)
      }
    }
    notes.append(ScanNote(code: "unreadable", text: "\(EscapedText.of(path.bytes)) cannot be read as JSON"))
    return .unreadable
  }

  /// One document, or one a line; `nil` where it is neither. A last line without its end is still being written.
  private static func documents(_ bytes: [UInt8]) -> [JSONValue]? {
    if let whole = try? JSONReader.parse(bytes) { return [whole] }
    var documents: [JSONValue] = []
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if let last = lines.popLast(), !last.isEmpty, (try? JSONReader.parse(Array(last))) != nil { return nil }
    for line in lines where !CSVTable.trimmed(line).isEmpty {
      guard let value = try? JSONReader.parse(Array(line)) else { return nil }
      documents.append(value)
    }
    return documents.isEmpty ? nil : documents
  }

  private static func choose(
    _ values: [JSONValue], _ take: FactDeclaration.Take, _ declaration: FactDeclaration
  ) -> Fact {
    let facts = values.map { FactText.fact($0, declaration.type) }.filter { $0 != .missing }
    switch take {
    case .first: return facts.first ?? .missing
    case .last: return facts.last ?? .missing
    case .best:
      if facts.contains(.unreadable) { return .unreadable }
      var best: (value: FactValue, number: ExactDecimal)?
      for case .value(let value) in facts {
        guard let number = FactText.number(value) else { continue }
        guard let leader = best else {
          best = (value, number)
          continue
        }
        let isWorse = declaration.better == .lower ? leader.number < number : number < leader.number
        if !isWorse { best = (value, number) }
      }
      return best.map { .value($0.value) } ?? facts.last ?? .missing
    }
  }
}

/// A JSON pointer (RFC 6901).
struct JSONPointer {
  private let steps: [String]

  /// Text without a leading slash is taken as one step.
  init(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let steps = text.isEmpty ? [] : text.hasPrefix("/") ? Array(parts.dropFirst()) : [text]
    self.steps = steps.map { step in
      var result = ""
      var rest = Array(step.unicodeScalars)[...]
      while let scalar = rest.popFirst() {
        if scalar == "~", let next = rest.first, next == "0" || next == "1" {
          result.unicodeScalars.append(next == "0" ? "~" : "/")
          rest = rest.dropFirst()
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
      return result
    }
  }

  func value(in document: JSONValue) -> JSONValue? {
    var value = document
    for step in steps {
      if let object = value.objectValue {
        guard let next = object[step] else { return nil }
        value = next
      } else if let items = value.arrayValue, let index = Int(step), items.indices.contains(index) {
        value = items[index]
      } else {
        return nil
      }
    }
    return value
  }
}
