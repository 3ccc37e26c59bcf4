internal import ArgumentParser
internal import PolicyDiagnostics
internal import PolicyReport
internal import PolicySyntax

struct FmtCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Give policy files their canonical layout, without changing what they mean.",
    discussion: ExitStatus.help)

  @Argument(help: "Policy files; `-` reads standard input and writes standard output.")
  var files: [String] = []

  @Flag(help: "Change nothing; name the files that would change, and end with status 1 if there are any.")
  var check = false

  func run() throws {
    guard !files.isEmpty else {
      Console.complain("no file was named, so nothing was formatted", help: "write `policy fmt policies/*/policy.yaml`")
      throw ExitStatus.nothingChecked.code
    }
    var worst: ExitStatus?
    for file in files {
      do {
        if try !format(file) { worst = worst ?? .findings }
      } catch let code as ExitCode {
        // The others are formatted all the same.
        guard let status = ExitStatus(rawValue: code.rawValue) else { throw code }
        worst = status
      }
    }
    if let worst { throw worst.code }
  }

  /// `false` when the file is not as it should be, and was left so.
  private func format(_ file: String) throws -> Bool {
    let path = file == "-" ? "/dev/stdin" : file
    let bytes: [UInt8]
    switch Files.read(path, limit: 1 << 20) {
    case .success(let read): bytes = read
    case .failure(let failure):
      Console.complain("cannot read `\(DisplayText.escape(file))`: \(failure.reason)")
      throw ExitStatus.nothingChecked.code
    }
    let source = SourceText(path: file, bytes: bytes)
    let before = load(file, bytes)
    let errors = before.diagnostics.filter { $0.severity == .error }
    guard errors.isEmpty, let formatted = PolicyFormatter.format(source) else {
      if !errors.isEmpty {
        Console.say(DiagnosticText.render(errors.inSourceOrder(), before.sources, style: Surroundings.errorStyle))
      }
      Console.complain(
        "`\(DisplayText.escape(file))` has mistakes and was left as it is",
        help: "mend them first: `policy check` says how")
      throw ExitStatus.findings.code
    }
    let after = load(file, formatted)
    guard after.loaded?.policy == before.loaded?.policy, after.loaded != nil,
      PolicyFormatter.comments(source) == PolicyFormatter.comments(SourceText(path: file, bytes: formatted))
    else {
      Console.complain(
        "formatting `\(DisplayText.escape(file))` would change what it means, so it was left as it is",
        help: "this is a mistake of this program: please report it with the file")
      throw ExitStatus.internalError.code
    }
    if file == "-" {
      if !check { try Console.write(formatted) }
      return !check || formatted == bytes
    }
    guard formatted != bytes else { return true }
    if check {
      Console.say("\(DisplayText.escape(file)): would change, first at line \(firstDifference(bytes, formatted))")
      return false
    }
    if case .failure(let failure) = Files.rewrite(file, formatted) {
      Console.complain("cannot write `\(DisplayText.escape(file))`: \(failure.reason)", help: "it was left as it is")
      throw ExitStatus.environment.code
    }
    Console.say("\(DisplayText.escape(file)): formatted")
    return true
  }

  private func firstDifference(_ left: [UInt8], _ right: [UInt8]) -> Int {
    let same = zip(left, right).prefix { $0 == $1 }.map(\.0)
    return same.count { $0 == UInt8(ascii: "\n") } + 1
  }

  /// The file with its imports. One that only others import has no roots of its own: it is given some.
  private func load(_ file: String, _ bytes: [UInt8]) -> LoadResult {
    func read(_ path: String) -> Result<[UInt8], ReadFailure> {
      switch Files.read(path, limit: 2 << 20) {
      case .success(let bytes): .success(bytes)
      case .failure(let failure): .failure(ReadFailure(reason: failure.reason))
      }
    }
    let result = PolicyLoader.load(file) { $0 == file ? .success(bytes) : read($0) }
    let errors = result.diagnostics.filter { $0.severity == .error }
    guard errors.map(\.code) == ["P0041"] else { return result }
    let source = SourceText(path: file, bytes: bytes)
    let rooted = PolicyLoader.load(file) { path in
      path == file ? .success(PolicyFormatter.givenRoots(source)) : read(path)
    }
    return rooted.loaded == nil ? result : rooted
  }
}
