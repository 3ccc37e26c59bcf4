internal import Glibc
internal import PolicyCore
internal import PolicyFiles

/// Recognises runs, and reads the files of one that say what it is.
struct RunReader {
  let layouts: [any Layout]
  let declared: DeclaredFactReader
  let machine: Machine

  /// `nil` where no layout recognises the directory.
  func read(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, _ status: FileStatus, path: ByteString
  ) -> RunDraft? {
    guard let found = recognise(directory, listing, name: path.lastComponent.bytes[...]) else { return nil }
    var draft = RunDraft(path: path, layout: found.layout, status: status)
    draft.arguments = found.arguments
    switch found.file {
    case .content(let content): draft.argumentsModified = content.status.modified
    case .unstable, .failed:
      draft.isArgumentFileUnreadable = true
      draft.notes.append(
        ScanNote(code: "arguments-unreadable", text: "\(found.layout.argumentFile ?? "") cannot be read"))
    case .absent: break
    }
    fill(&draft, directory, listing)
    return draft
  }

  /// The first layout that knows the directory, and the file of arguments that it was asked with.
  func recognise(
    _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing, name: ArraySlice<UInt8>
  ) -> (layout: any Layout, arguments: ArgumentFile?, file: RunFile)? {
    var read: [(name: String, file: RunFile)] = []
    for layout in layouts {
      var arguments: ArgumentFile?
      var file = RunFile.absent
      if let argumentFile = layout.argumentFile {
        guard listing.holds(argumentFile), let path = RelativePath(Array(argumentFile.utf8)) else { continue }
        if let known = read.first(where: { $0.name == argumentFile }) {
          file = known.file
        } else {
          file = RunFile.read(directory, path, limit: ArgumentFile.limit)
          read.append((argumentFile, file))
        }
        if case .content(let content) = file { arguments = ArgumentFile(parsing: content.bytes) }
      }
      if layout.recognises(directory, listing, name: name, arguments) { return (layout, arguments, file) }
    }
    return nil
  }

  private func fill(
    _ draft: inout RunDraft, _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing
  ) {
    readCheckpointHeader(&draft, directory, listing)
    draft.layout.read(directory, listing, into: &draft)
    draft.declared = declared.read(directory, shared: draft.table)
    draft.notes += draft.declared.notes
    if listing.holds(TagFile.name) {
      draft.tags = TagFile.read(directory, owner: draft.status.uid, &draft.notes)
    }
    if listing.holds(TrainingLock.fileName) { readLock(&draft, directory) }
    draft.isFlocked = (try? directory.isLockedByAnother()) ?? false
  }

  private func readCheckpointHeader(
    _ draft: inout RunDraft, _ directory: borrowing DirectoryDescriptor, _ listing: DirectoryListing
  ) {
    guard draft.layout.leavesEndMarks, listing.holds("weights"), let folder = Name("weights") else { return }
    guard let weights = try? directory.open(folder) else { return }
    do throws(SystemError) {
      if let (header, modified) = try Self.header(weights, "last.pt") {
        draft.lastHeader = header
        draft.lastModified = modified
        return
      }
    } catch {
      if error.errno != ENOENT {
        draft.isLastUnreadable = true
        draft.notes.append(
          ScanNote(
            code: "checkpoint-unreadable",
            text: "weights/last.pt cannot be read: \(error.text); whether it was stripped is not known"))
      }
    }
    if let (header, _) = try? Self.header(weights, "best.pt") {
      // For its version only: a stripped best.pt says nothing of the run's end.
      draft.lastHeader = CheckpointHeader(version: header.version)
    }
  }

  /// `nil` where the file is no whole archive of a checkpoint.
  private static func header(
    _ weights: borrowing DirectoryDescriptor, _ file: String
  ) throws(SystemError) -> (CheckpointHeader, modified: Int64)? {
    guard let name = Name(file) else { return nil }
    let opened = try weights.openFile(name)
    let header = CheckpointHeader(of: opened.status.size) { offset, count in try? opened.read(at: offset, count: count)
    }
    guard let header else { return nil }
    return (header, opened.status.modified)
  }

  private func readLock(_ draft: inout RunDraft, _ directory: borrowing DirectoryDescriptor) {
    guard let path = RelativePath(Array(TrainingLock.fileName.utf8)) else { return }
    switch RunFile.read(directory, path, limit: TrainingLock.limit) {
    case .absent: return
    case .failed, .unstable: draft.lock = .untestable
    case .content(let file):
      draft.lockModified = file.status.modified
      draft.lock = TrainingLock(parsing: file.bytes)?.verdict(machine) ?? .untestable
    }
  }
}
