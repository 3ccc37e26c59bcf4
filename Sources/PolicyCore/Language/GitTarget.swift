/// `git-lfs:REPOSITORY` or `git-lfs:REPOSITORY#BRANCH`: a git repository that keeps large files with Git LFS.
///
/// The repository is an absolute folder, an address (`https://`, `http://`, `ssh://`, `file://`), or `[USER@]HOST:PATH`.
public struct GitTarget: Hashable, Sendable {
  public let repository: String
  public let branch: String
  public static let prefix = "git-lfs:"
  public static let defaultBranch = "backups"

  public static func isMeant(_ target: String) -> Bool { target.utf8.starts(with: prefix.utf8) }

  /// Refuses what could hold a password (it would be in plans, journals and messages), and what `git` would take for an
  /// option or a program.
  public init(_ target: String) throws(WrongTarget) {
    let parts = target.utf8.dropFirst(Self.prefix.utf8.count).split(
      separator: UInt8(ascii: "#"), omittingEmptySubsequences: false)
    guard Self.isMeant(target), let first = parts.first, !first.isEmpty else { throw Self.none }
    guard parts.count <= 2 else {
      throw WrongTarget(
        reason: "a repository with a `#` in its name cannot be told from a branch",
        help: "write `git-lfs:REPOSITORY#BRANCH`")
    }
    repository = String(decoding: first, as: UTF8.self)
    branch = parts.count == 2 ? String(decoding: parts[1], as: UTF8.self) : Self.defaultBranch
    try Self.check(Array(first))
    guard Self.isBranch(branch) else {
      throw WrongTarget(
        reason: "what stands behind `#` is no name of a branch",
        help: "write letters, digits, `-`, `_`, `.` and `/`, such as `git-lfs:REPOSITORY#backups`")
    }
  }

  /// The folder on this machine that holds the repository; `nil` for what a server holds.
  public var folder: String? {
    if repository.utf8.first == UInt8(ascii: "/") { return repository }
    let scheme = "file://"
    return repository.hasPrefix(scheme) ? String(repository.dropFirst(scheme.count)) : nil
  }

  private static let none = WrongTarget(
    reason: "a target of Git LFS is an absolute folder or the address of a repository",
    help: "write `git-lfs:/srv/models.git`, `git-lfs:https://HOST/models.git` or `git-lfs:git@HOST:models.git`")
  private static let password = WrongTarget(
    reason: "user names, passwords and tokens do not belong in the address of a repository",
    help: "leave them out: git asks its own `credential.helper`, or the keys of ssh (`ssh://git@HOST/…` is fine)")

  private static func check(_ text: [UInt8]) throws(WrongTarget) {
    guard text.allSatisfy({ $0 >= 32 && $0 != 127 }) else { throw none }
    if text.first == UInt8(ascii: "/") { return }
    if let mark = text.indices.first(where: { text[$0...].starts(with: Array("://".utf8)) }) {
      return try checkAddress(String(decoding: text[..<mark], as: UTF8.self), text[(mark + 3)...])
    }
    // `HOST:PATH`, as ssh has it.
    guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { throw none }
    let (host, path) = (text[..<colon], text[(colon + 1)...])
    guard !path.contains(UInt8(ascii: "@")) else { throw password }
    guard isHost(host), let start = path.first, start != UInt8(ascii: ":"), start != UInt8(ascii: "-") else {
      throw none
    }
  }

  private static func checkAddress(_ scheme: String, _ rest: ArraySlice<UInt8>) throws(WrongTarget) {
    guard ["https", "http", "ssh", "file"].contains(scheme), !rest.isEmpty else { throw none }
    // Behind a question mark stand tokens and signatures.
    guard !rest.contains(UInt8(ascii: "?")) else { throw password }
    let authority = rest.prefix { $0 != UInt8(ascii: "/") }
    if scheme == "file" {
      guard authority.isEmpty else { throw none }
      return
    }
    guard let at = authority.lastIndex(of: UInt8(ascii: "@")) else {
      guard isHost(authority) else { throw none }
      return
    }
    guard scheme == "ssh", !authority[..<at].contains(UInt8(ascii: ":")) else { throw password }
    guard isHost(authority) else { throw none }
  }

  /// With a user and a port, where there are any; never something that could be an option.
  private static func isHost(_ text: ArraySlice<UInt8>) -> Bool {
    guard let first = text.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "@") else { return false }
    let others = Array("-_.@:[]".utf8)
    let isOption = text.split(separator: UInt8(ascii: "@")).contains { $0.first == UInt8(ascii: "-") }
    return !isOption && text.allSatisfy { isWord($0) || others.contains($0) }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isBranch(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return text.utf8.count <= 200 && text != "HEAD" && text.utf8.first != UInt8(ascii: "-")
      && parts.allSatisfy { part in
        let word = String(decoding: part, as: UTF8.self)
        return !part.isEmpty && part.first != UInt8(ascii: ".") && part.last != UInt8(ascii: ".")
          && !word.contains("..") && !word.hasSuffix(".lock")
          && part.allSatisfy { isWord($0) || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains($0) }
      }
  }
}
