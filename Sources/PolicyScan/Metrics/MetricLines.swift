internal import PolicyCore
internal import PolicyFiles

extension RunDraft {
  /// Reads one more metric file of the run line by line; `nil` where it cannot be believed, which is then noted.
  mutating func readLines<Reader: LineReader>(
    _ directory: borrowing DirectoryDescriptor, _ path: String, into reader: Reader
  ) -> Reader? {
    guard let relative = RelativePath(Array(path.utf8)) else { return nil }
    let name = EscapedText.of(Array(path.utf8))
    switch LineFile.read(directory, relative, into: reader) {
    case .absent: return nil
    case .content(let reader, let status):
      metrics.modified = max(metrics.modified ?? .min, status.modified)
      if metrics.content != .unreadable { metrics.content = .read }
      return reader
    case .defect(let defect, let status):
      metrics.modified = max(metrics.modified ?? .min, status.modified)
      notes.append(ScanNote(defect, name))
      if !defect.isEmptiness {
        metrics.content = .unreadable
      } else if metrics.content == .absent {
        metrics.content = .empty
      }
    case .tooLarge(let status):
      refuseMetrics(status, "too-large", "\(name) is larger than \(LineCaps.file >> 20) MiB")
    case .unstable(let status):
      refuseMetrics(status, "changed-while-read", "\(name) changed while it was read, twice")
    case .failed(let words): refuseMetrics(nil, "unreadable", "\(name) cannot be read: \(words)")
    }
    return nil
  }

  mutating func refuseMetrics(_ status: FileStatus?, _ code: String, _ text: String) {
    if let status { metrics.modified = max(metrics.modified ?? .min, status.modified) }
    metrics.content = .unreadable
    notes.append(ScanNote(code: code, text: text))
  }

  /// Takes the rows over; lines none of which is a row cannot be believed.
  mutating func take(_ assembly: SeriesAssembly, of name: String) {
    guard metrics.content == .read else { return }
    guard let series = assembly.series() else {
      if assembly.badRows > 0 {
        refuseMetrics(nil, "no-rows", "\(name) holds no line that could be read")
      } else if !notes.contains(where: { $0.code == "header-only" }) {
        notes.append(ScanNote(code: "header-only", text: "\(name) holds no complete row yet"))
      }
      return
    }
    notes += MetricFacts.notes(series)
    self.series = series
  }

  mutating func noteMissingCheckpoint(_ name: ByteString) {
    notes.append(
      ScanNote(
        code: "missing-checkpoint", text: "last_checkpoint names \(EscapedText.of(name.bytes)), which is not here"))
  }
}
