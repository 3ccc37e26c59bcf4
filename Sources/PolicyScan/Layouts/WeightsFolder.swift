/// `best.pt`, `last.pt`, `epoch12.pt` below `weights/`: shared by the YOLO families.
enum WeightsFolder {
  private static let prefix = Array("weights/".utf8)

  static func checkpoint(_ path: [UInt8], isDirectory: Bool) -> CheckpointName? {
    guard !isDirectory, let stem = stem(path) else { return nil }
    if stem.elementsEqual("best".utf8) { return CheckpointName(role: .best) }
    if stem.elementsEqual("last".utf8) { return CheckpointName(role: .last) }
    if stem.starts(with: "epoch".utf8), let number = FileNames.number(stem.dropFirst(5)) {
      return CheckpointName(role: .epoch, number: number)
    }
    return CheckpointName(role: .other)
  }

  /// The name of a `.pt` file directly in `weights/`, without its ending.
  static func stem(_ path: [UInt8]) -> ArraySlice<UInt8>? {
    guard path.starts(with: prefix) else { return nil }
    let name = path.dropFirst(prefix.count)
    guard name.first != UInt8(ascii: "."), !name.contains(UInt8(ascii: "/")) else { return nil }
    return FileNames.stem(name, ending: ".pt")
  }
}
