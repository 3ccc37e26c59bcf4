internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Reads a run or checkpoint once, by descriptors, into whatever keeps it.
enum BackupReading {
  static func read(
    _ found: ItemLook.Found, into sink: any EntrySink
  ) throws(ArchiveTrouble) -> (entries: [ArchiveEntry], summary: TreeSummary) {
    var packer = TreePacker(sink, .backup, top: found.name) { () throws(ArchiveTrouble) in }
    let summary: TreeSummary
    do throws(SystemError) {
      if found.summary.status.type == .directory {
        summary = try TreeWalk.walk(found.parent.directory.open(found.name), visitor: &packer)
      } else {
        packer.packAlone(found.parent.directory, found.name)
        summary = try TreeSummary.of(found.parent.directory, found.name)
      }
    } catch {
      throw ArchiveTrouble("\(ByteString(found.name.bytes).displayText) cannot be read: \(error.text)", cause: error)
    }
    if let trouble = packer.trouble { throw trouble }
    return (packer.entries, summary)
  }
}
