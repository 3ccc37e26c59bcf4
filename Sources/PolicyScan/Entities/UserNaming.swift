internal import PolicyCore
internal import PolicyFiles

/// Whose run it is, and of which project.
struct UserNaming {
  private let userPattern: PathPattern?
  private let projectPattern: PathPattern?

  init(_ settings: ScanSettings) {
    switch settings.user {
    case .owner: userPattern = nil
    case .pattern(let text): userPattern = PathPattern(text)
    }
    projectPattern = settings.project.map { PathPattern($0) }
  }

  /// The owner's name; or what the pattern captures, unless the directory belongs to another ordinary user: nobody
  /// fills or empties another's quota by naming a folder.
  func user(
    _ path: ByteString, _ status: FileStatus, _ accounts: inout Accounts, _ notes: inout [ScanNote]
  ) -> Fact {
    let owner = accounts.name(uid: status.uid)
    guard let userPattern else { return .value(.text(owner)) }
    guard let captured = userPattern.captures(path.bytes)?["user"] else {
      notes.append(ScanNote(code: "user-unknown", text: "the path does not match the pattern of `scan.user`"))
      return .unreadable
    }
    if Accounts.isOrdinary(status.uid), owner != captured {
      notes.append(
        ScanNote(
          code: "user-mismatch",
          text: "the path names user \(EscapedText.of(captured.bytes)), the owner is \(EscapedText.of(owner.bytes))"))
      return .unreadable
    }
    return .value(.text(captured))
  }

  func project(_ path: ByteString) -> FactValue? {
    (projectPattern?.captures(path.bytes)?["project"]).map { .text($0) }
  }
}
