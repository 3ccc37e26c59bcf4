internal import PolicyCore
internal import PolicyFiles

/// The header of a CSV file.
enum TableHead {
  static func columns(_ directory: borrowing DirectoryDescriptor, _ file: String) -> Set<String> {
    let head = FileHead.read(directory, file)
    let content = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head[3...] : head[...]
    guard let end = content.firstIndex(of: UInt8(ascii: "\n")), !content[..<end].contains(0) else { return [] }
    return Set(
      content[..<end].split(separator: UInt8(ascii: ",")).map { String(decoding: CSVTable.trimmed($0), as: UTF8.self) })
  }
}

extension RunDraft {
  /// A CSV file whose rows fill a few cells each: those of one epoch are one row, the later cell counting.
  mutating func readSparseTable(
    _ directory: borrowing DirectoryDescriptor, _ file: String, _ metrics: [MetricDeclaration], none: [String] = []
  ) {
    guard let path = RelativePath(Array(file.utf8)) else { return }
    let content = MetricFile(directory, path)
    table = (path, content)
    notes += content.notes
    self.metrics = MetricStanding(content)
    guard let table = content.table else { return }
    guard let epochs = table.column("epoch") else {
      if !table.rows.isEmpty { refuseMetrics(nil, "no-epoch-column", "\(file) has no epoch column") }
      return
    }
    var assembly = SeriesAssembly(metrics)
    assembly.badRows = table.badLines
    assembly.droppedHalfLine = table.droppedHalfLine
    let found = assembly.sources.indices.compactMap { source in
      table.column(String(decoding: assembly.sources[source].key, as: UTF8.self)).map { (column: $0, source: source) }
    }
    .sorted { $0.column < $1.column }
    for row in table.rows.indices {
      if table.headerRepeats.contains(row) { assembly.startAgain() }
      guard let number = ExactDecimal(ascii: table.bytes[table.place(row, epochs)])?.wholeNumber else {
        assembly.badRows += 1
        continue
      }
      for (column, source) in found {
        let text = table.bytes[table.place(row, column)]
        if !none.contains(where: { $0.utf8.elementsEqual(text) }) { assembly.add(source, text) }
      }
      assembly.endRow(number)
    }
    take(assembly, of: file)
  }
}
