internal import PolicyCore
internal import PolicyFiles

/// A layout of the policy's own `scan.layouts`.
struct CustomLayout: TableLayout {
  let name: String
  let metrics: [MetricDeclaration]
  let metricFile: ByteString?
  let epochColumns = ["epoch", "step", "iteration"]
  let countsFromOne = false
  private let markers: [[PathPattern]]
  private let checkpoints: [PathPattern]

  init(_ declaration: LayoutDeclaration) {
    name = declaration.name
    metrics = declaration.metrics
    metricFile = declaration.metricFile
    markers = declaration.markers.map { marker in marker.components.map { PathPattern($0) } }
    checkpoints = declaration.checkpoints.map { PathPattern($0, numeric: ["epoch", "step"]) }
  }

  func recognises(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>,
    _ arguments: ArgumentFile?
  ) -> Bool {
    guard !markers.isEmpty else { return false }
    for marker in markers where !Self.finds(marker[...], directory, listing) { return false }
    return true
  }

  /// One listing a level of the marker; the first match at each level that leads to the end counts.
  private static func finds(
    _ marker: ArraySlice<PathPattern>, _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing
  ) -> Bool {
    guard let first = marker.first else { return false }
    for index in listing.indices where first.matches(Array(listing.bytes(index))) {
      if marker.count == 1 { return true }
      guard let below = try? directory.open(listing.name(index)), let inner = try? below.list() else { continue }
      if finds(marker.dropFirst(), below, inner) { return true }
    }
    return false
  }

  func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    for pattern in checkpoints {
      guard let captures = pattern.captures(path) else { continue }
      let epoch = captures["epoch"].flatMap { Int64(String(decoding: $0.bytes, as: UTF8.self)) }
      let step = captures["step"].flatMap { Int64(String(decoding: $0.bytes, as: UTF8.self)) }
      return CheckpointName(role: Self.role(captures["role"], path, epoch, step), number: epoch ?? step, step: step)
    }
    return nil
  }

  /// The captured word; else what the captures speak of; else the beginning of the file name.
  private static func role(_ word: ByteString?, _ path: [UInt8], _ epoch: Int64?, _ step: Int64?) -> CheckpointName.Role
  {
    if let word { return CheckpointName.Role(rawValue: word.displayText.lowercased()) ?? .other }
    if epoch != nil { return .epoch }
    if step != nil { return .step }
    let name = ByteString(path).lastComponent.bytes
    if name.starts(with: "best".utf8) { return .best }
    return name.starts(with: "last".utf8) || name.starts(with: "latest".utf8) ? .last : .other
  }

  /// A metric file that is called `.jsonl`, `.ndjson` or `.json` is JSON Lines, any other CSV.
  func read(_ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, into draft: inout RunDraft) {
    guard let bytes = metricFile?.bytes, let file = String(validating: bytes, as: UTF8.self),
      [".jsonl", ".ndjson", ".json"].contains(where: { file.hasSuffix($0) })
    else { return readTable(directory, listing, into: &draft) }
    var keys: [ByteString] = []
    if case .object(let found) = FileHead.firstLine(directory, file) { keys = found }
    let number = epochColumns.first { keys.contains(ByteString($0)) } ?? epochColumns[0]
    let axis: MetricSeries.Axis = number == "epoch" ? .epoch : .step
    let reader = JSONRows(SeriesAssembly(metrics, axis: axis), keys: [number])
    guard let rows = draft.readLines(directory, file, into: reader) else { return }
    draft.take(rows.assembly, of: file)
  }

  func fitness(_ version: String?) -> (definition: FitnessDefinition, isSure: Bool)? { nil }
}
