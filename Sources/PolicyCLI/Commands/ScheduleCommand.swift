internal import ArgumentParser
internal import Glibc
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyReport
internal import PolicySyntax

struct ScheduleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "Print, or install, what applies a policy again and again.",
    discussion: """
      systemd: a service of low priority, and a timer that makes up for times at
      which the machine was off. cron: a line that mails when something is wrong.

      \(ExitStatus.help)
      """)

  enum Kind: String, ExpressibleByArgument, CaseIterable { case systemd, cron }

  enum Pace: String, ExpressibleByArgument, CaseIterable {
    case hourly, daily, weekly, monthly

    var meant: Schedule.Pace {
      switch self {
      case .hourly: .hourly
      case .daily: .daily
      case .weekly: .weekly
      case .monthly: .monthly
      }
    }
  }

  @Argument(help: "systemd or cron.")
  var kind: Kind

  @Option(name: [.customShort("p"), .customLong("policy")], help: "The policy to apply.")
  var policy: String?

  @Option(help: "hourly, daily, weekly or monthly.")
  var every: Pace = .daily

  @Option(name: .customLong("set"), help: ArgumentHelp("Give a param another value.", valueName: "name=value"))
  var set: [String] = []

  @Option(help: ArgumentHelp("Search these directories instead of the policy's roots.", valueName: "dir"))
  var root: [String] = []

  @Option(help: ArgumentHelp("Keep journal and lock here when the roots' volume is full.", valueName: "dir"))
  var state: String?

  @Option(help: ArgumentHelp("Tell this program how it went, as `policy apply --notify` does.", valueName: "command"))
  var notify: String?

  @Option(help: ArgumentHelp("Name of the units or file: policy-NAME. The policy's when left out.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("systemd: the unit to start when it failed.", valueName: "unit"))
  var onFailure: String?

  @Option(help: ArgumentHelp("cron: whom to write to.", valueName: "address"))
  var mailto: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Write the files into this directory.", valueName: "dir"))
  var output: String?

  @Flag(help: "Write the files where systemd or cron looks for them.")
  var install = false

  func validate() throws {
    try TypedPath.refuseEmpty(root, of: "--root")
    try TypedPath.refuseEmpty([state, output].compactMap { $0 }, of: "--state")
    if install, output != nil { throw ValidationError("`--install` knows where to write: leave `--output` out") }
    for word in [onFailure, mailto].compactMap({ $0 }) where word.utf8.contains(where: { $0 <= 32 }) {
      throw ValidationError("`\(word)` is no name: there is a blank in it")
    }
    if kind == .cron, onFailure != nil {
      throw ValidationError("`--on-failure` is systemd's: for cron write `--mailto ADDRESS`")
    }
    if kind == .systemd, mailto != nil {
      throw ValidationError("`--mailto` is cron's: for systemd write `--on-failure UNIT`")
    }
    if let name, !Schedule.isName(name) {
      throw ValidationError(
        "`--name \(name)` cannot be part of a file's name: write letters, digits, `-` and `_`, such as `--name nightly`"
      )
    }
    if let onFailure, !Self.isUnit(onFailure) {
      throw ValidationError(
        "`\(onFailure)` is no unit that can be started: write its whole name, such as `mail-admin.service` or `mail@root.service`"
      )
    }
    if let notify, let program = try Notice.words(notify).first, program.contains("/"), !program.hasPrefix("/") {
      throw ValidationError("`\(program)` would depend on where the scheduler starts: write an absolute path")
    }
    if let notify, let program = try Notice.words(notify).first, !Notice.isProgram(program) {
      throw ValidationError(
        "nobody would be told: there is no program `\(program)`; write the path of one, `--notify /usr/local/bin/tell-me`"
      )
    }
  }

  /// The whole name of a unit; a template only with what it is for.
  private static func isUnit(_ name: String) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let types = ["service", "target", "path", "socket", "timer"]
    guard parts.count > 1, let type = parts.last, types.contains(String(type)) else { return false }
    let stem = parts.dropLast().joined(separator: ".")
    let others = Set(":-_.\\@%".utf8)
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let isNamed = stem.utf8.allSatisfy { letters.contains($0 | 0x20) || digits.contains($0) || others.contains($0) }
    return isNamed && !stem.isEmpty && !stem.hasPrefix("@") && !stem.hasSuffix("@")
  }

  func run() throws {
    let schedule = try schedule()
    let files = files(schedule)
    guard install || output != nil else {
      return try Console.write(files.map(\.text).joined(separator: "\n"))
    }
    if let output { try TypedPath.requireFolder(output, "cannot write into", option: "--output") }
    let folder = try output ?? systemFolder()
    if output == nil { Folders.make(folder) }
    for file in files { try write(file.text, to: folder + "/" + file.name) }
    try Console.write(files.map { DisplayText.escape("\(folder)/\($0.name)") + "\n" }.joined())
    if kind == .cron, folder == Self.cronFolder {
      return Console.say("cron runs it from now on; to stop that, remove the file")
    }
    Console.say("nothing is switched on yet" + (kind == .systemd ? "; to do so:" : ""))
    guard kind == .systemd else { return }
    let user = geteuid() == 0 ? "" : " --user"
    Console.say("  systemctl\(user) daemon-reload && systemctl\(user) enable --now \(schedule.timerName)")
    if geteuid() != 0 { Console.say("and, so that it goes on when you are not logged in:\n  loginctl enable-linger") }
  }

  /// What is to be run, under the rules of `apply --yes`: nobody is there to ask, and nobody knows where it starts.
  private func schedule() throws -> Schedule {
    var options = PolicyOptions()
    (options.file, options.set) = (policy, set)
    let result = try PolicyInput.load(options)
    let loaded = result.loaded
    if root.isEmpty, let relative = loaded.policy.roots.first(where: { $0.bytes.first != UInt8(ascii: "/") }) {
      Console.complain(
        "root `\(DisplayText.escape(relative))` is relative: it would depend on where the scheduler starts",
        help: "write `roots: [\(DisplayText.escape(Surroundings.absolute(relative)))]`, or add `--root DIR`")
      throw ExitStatus.usage.code
    }
    if install {
      for source in result.sources.sources.prefix(loaded.files.count) { try TrustedFile.require(source.path) }
    }
    let path = Surroundings.absolute(ByteString(try options.policy))
    let roots = root.map { Surroundings.absolute(ByteString($0)) }
    var words = [program, "apply", "-p", path, "--yes", "--trigger", ByteString(kind.rawValue)]
    for root in roots { words += ["--root", root] }
    for item in set { words += ["--set", ByteString(item)] }
    if let state { words += ["--state", Surroundings.absolute(ByteString(state))] }
    if let notify { words += ["--notify", ByteString(notify)] }
    if let odd = words.first(where: { $0.utf8Text == nil || $0.bytes.contains { $0 < 32 || $0 == 127 } }) {
      Console.complain(
        "`\(DisplayText.escape(odd))` cannot stand in a schedule: there are control characters in it, or bytes that are "
          + "no text", help: "rename it, or reach it by another path")
      throw ExitStatus.refused.code
    }
    let title = name ?? loaded.policy.name ?? "policy"
    var schedule = Schedule(
      name: title, words: words, policy: path, roots: roots.isEmpty ? loaded.policy.roots : roots, pace: every.meant)
    (schedule.onFailure, schedule.mailTo, schedule.isForUser) = (onFailure, mailto, geteuid() != 0)
    return schedule
  }

  /// This program, by a path that holds tomorrow.
  private var program: ByteString {
    guard let pointer = unsafe realpath("/proc/self/exe", nil) else { return "/usr/bin/policy" }
    defer { unsafe free(pointer) }
    let length = unsafe strlen(pointer)
    return unsafe ByteString(UnsafeBufferPointer(start: pointer, count: length).map { UInt8(bitPattern: $0) })
  }

  private func files(_ schedule: Schedule) -> [(name: String, text: String)] {
    switch kind {
    case .systemd: [(schedule.serviceName, schedule.service), (schedule.timerName, schedule.timer)]
    case .cron: [("policy-\(schedule.name)", schedule.crontab(account: install || output != nil ? "root" : nil))]
    }
  }

  private static let cronFolder = "/etc/cron.d"

  private func systemFolder() throws -> String {
    switch (kind, geteuid()) {
    case (.systemd, 0): return "/etc/systemd/system"
    case (.cron, 0): return Self.cronFolder
    case (.systemd, _):
      if let folder = Surroundings.variable("XDG_CONFIG_HOME"), folder.hasPrefix("/") {
        return folder + "/systemd/user"
      }
      if let home = Surroundings.variable("HOME"), home.hasPrefix("/") { return home + "/.config/systemd/user" }
      Console.complain("nothing says where your home is", help: "name a directory with `--output`")
      throw ExitStatus.usage.code
    case (.cron, _):
      Console.complain(
        "only root installs for cron: your own lines stand in one file with others",
        help: "leave `--install` out, and add what is printed with `crontab -e`")
      throw ExitStatus.usage.code
    }
  }

  /// Replaces only what an earlier `policy schedule` wrote.
  private func write(_ text: String, to path: String) throws {
    if Files.isThere(path) {
      guard case .success(let old) = Files.read(path, limit: 1 << 20), old.starts(with: Schedule.mark.utf8) else {
        Console.complain(
          "`\(DisplayText.escape(path))` is there already, and not from `policy schedule`",
          help: "give the schedule another `--name`")
        throw ExitStatus.refused.code
      }
    }
    try Output.save(to: path) { $0(Array(text.utf8)) }
  }
}
