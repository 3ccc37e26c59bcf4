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
    // File order, because cells are found from left to right.
    let found = assembly.sources.indices.compactMap { source in
      table.column(String(decoding: assembly.sources[source].key, as: UTF8.self)).map { (column: $0, source: source) }
    }
    .sorted { $0.column < $1.column }
    let wanted = Array(Set(found.map(\.column) + [epochs])).sorted()
    var cells: [Range<Int>] = []
    for row in table.rows.indices {
      if table.headerRepeats.contains(row) { assembly.startAgain() }
      table.findCells(row, wanted, &cells)
      guard let place = wanted.firstIndex(of: epochs),
        let number = ExactDecimal(ascii: table.bytes[cells[place]])?.wholeNumber
      else {
        assembly.badRows += 1
        continue
      }
      for (column, source) in found {
        guard let place = wanted.firstIndex(of: column) else { continue }
        let text = table.bytes[cells[place]]
        if !none.contains(where: { $0.utf8.elementsEqual(text) }) { assembly.add(source, text) }
      }
      assembly.endRow(number)
    }
    take(assembly, of: file)
  }
}
