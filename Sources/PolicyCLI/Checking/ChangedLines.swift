/// Which lines of a file differ from a git revision.
struct ChangedLines {
  enum Failure: Error { case noGit, noRevision, noRepository }

  /// 1-based; `nil`: all of them, because the revision has no such file.
  private let ranges: [Range<Int>]?

  init(of path: String, since revision: String) throws(Failure) {
    let (folder, name) = Self.split(path)
    func git(_ arguments: [String]) throws(Failure) -> ChildProcess.Outcome {
      guard let outcome = ChildProcess.run(["git", "-C", folder] + arguments), outcome.status != 127 else {
        throw .noGit
      }
      return outcome
    }
    guard try git(["rev-parse", "--is-inside-work-tree"]).status == 0 else { throw .noRepository }
    guard try git(["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"]).status == 0 else {
      throw .noRevision
    }
    guard try git(["cat-file", "-e", "\(revision):./\(name)"]).status == 0 else {
      ranges = nil
      return
    }
    let diff = try git([
      "diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--end-of-options", revision, "--",
      "./" + name,
    ])
    guard diff.status == 0 else { throw .noRevision }
    ranges = Self.parse(diff.output)
  }

  /// The bytes of a file as a revision has them.
  static func content(of path: String, at revision: String) -> [UInt8]? {
    let (folder, name) = split(path)
    guard let outcome = ChildProcess.run(["git", "-C", folder, "show", "--end-of-options", "\(revision):./\(name)"]),
      outcome.status == 0
    else { return nil }
    return outcome.output
  }

  func touches(_ lines: ClosedRange<Int>) -> Bool {
    guard let ranges else { return true }
    return ranges.contains { $0.overlaps(lines.lowerBound..<lines.upperBound + 1) }
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
  }

  /// The new sides of `@@ -a,b +c,d @@`. Where lines were only taken out, their neighbours count as changed.
  private static func parse(_ diff: [UInt8]) -> [Range<Int>] {
    diff.split(separator: UInt8(ascii: "\n")).compactMap { line -> Range<Int>? in
      let text = String(decoding: line, as: UTF8.self)
      guard text.hasPrefix("@@ "), let plus = text.split(separator: " ").first(where: { $0.hasPrefix("+") }) else {
        return nil
      }
      let numbers = plus.dropFirst().split(separator: ",").compactMap { Int($0) }
      guard let start = numbers.first else { return nil }
      let count = numbers.count > 1 ? numbers[1] : 1
      return count == 0 ? start..<start + 2 : start..<start + count
    }
  }
}
