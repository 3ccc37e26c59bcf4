internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// What is installed beside the program: manual pages, completions, units. The package as a whole: `scripts/check-deb`.
struct PackagingTests {
  /// Every command has its page, with everything that its help says of flags; the same again on another day.
  @Test func `manual pages say what the help says`() throws {
    guard try Self.has("python3") else { return }
    let sandbox = try Sandbox()
    let made = try sandbox.run(
      "program=$(command -v policy); for folder in one two; do \"$REPOSITORY\"/scripts/man-pages \"$program\" $folder || exit; done"
        + "; diff -r one two && policy --help | sed -n '/^SUBCOMMANDS:/,$p' | sed -n 's/^  \\([a-z][a-z-]*\\) .*/\\1/p'"
    )
    #expect(made.status == 0, "\(made.output)")
    let commands = made.output.split(separator: "\n").map(String.init)
    #expect(commands.count >= 20, "\(made.output)")
    for command in commands {
      let page = try Self.page(sandbox, "policy-\(command).1")
      let help = try sandbox.run("policy \(command) --help").output
      let flags = Set(help.matches(of: /--[a-z][a-z-]*/).map { String($0.output) })
      #expect(flags.count >= 2, "\(help)")
      for flag in flags {
        #expect(page.contains(flag.replacing("-", with: "\\-")), "\(flag) on the page of \(command)")
      }
      for part in [".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SH EXIT STATUS", ".BR policy (1),"] {
        #expect(page.contains("\n\(part)\n"), "\(part) on the page of \(command)")
      }
    }
    let whole = try Self.page(sandbox, "policy.1")
    for command in commands { #expect(whole.contains("\n.BR policy\\-\(command.replacing("-", with: "\\-")) (1)\n")) }
    let below = try FileManager.default.contentsOfDirectory(atPath: sandbox.path + "/one")
    #expect(below.contains("policy-trash-restore.1") && below.contains("policy.5"), "\(below)")
    guard try Self.has("man") else { return }
    for name in below {
      let read = try sandbox.run("man --warnings -l one/\(name) 2>&1 >shown; grep -c '' shown")
      #expect((Int(read.output.trimmingCharacters(in: .newlines)) ?? 0) > 15, "\(name): \(read.output)")
    }
  }

  /// `policy.5` has each heading and each key of the reference.
  @Test func `the page of the language has what the reference has`() throws {
    guard try Self.has("python3") else { return }
    let sandbox = try Sandbox()
    #expect(try sandbox.run("\"$REPOSITORY\"/scripts/man-pages \"$(command -v policy)\" one").status == 0)
    let page = try Self.page(sandbox, "policy.5").replacing("\\-", with: "-").replacing("\\fB", with: "").replacing(
      "\\fP", with: "")
    let reference = try String(contentsOfFile: repositoryRoot + "/Docs/Language/reference.md", encoding: .utf8)
    let headings = reference.matches(of: /\n##+ (.*)/).map { String($0.output.1) }
    #expect(headings.count >= 10)
    for heading in headings { #expect(page.lowercased().contains("\"\(heading.lowercased())\""), "\(heading)") }
    let keys = reference.matches(of: /\n\| `([a-z_]+)`/).map { String($0.output.1) }
    #expect(keys.count >= 30)
    for key in keys { #expect(page.contains("\n" + key), "\(key)") }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions are read by their shell`(_ shell: String) throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.run("policy --generate-completion-script \(shell) >script").status == 0)
    let script = try String(contentsOfFile: sandbox.path + "/script", encoding: .utf8)
    for word in ["why-full", "detailed-exitcode", "restore"] { #expect(script.contains(word), "\(word)") }
    guard try Self.has(shell) else { return }
    let read = try sandbox.run(shell == "fish" ? "fish --no-execute script" : "\(shell) -n script")
    #expect(read.status == 0 && read.output.isEmpty, "\(read.output)")
    guard shell == "bash" else { return }
    let offered = try sandbox.run(
      """
      . ./script; complete -p policy
      COMP_WORDS=(policy pl) COMP_CWORD=1 COMP_LINE='policy pl' COMP_POINT=9; _policy policy pl policy
      echo "offered: ${COMPREPLY[*]}"
      """)
    #expect(offered.output.contains("-F _policy policy\n") && offered.output.contains("offered: plan\n"), "\(offered)")
  }

  /// The units of the package are those of `policy schedule`, for any name of a policy in `/etc/policy`.
  @Test func `the shipped units do what a schedule does`() throws {
    let lab = try Lab()
    let made = try lab.sandbox.run(
      "mkdir units; policy schedule systemd -p box.yaml --root runs -o units >/dev/null && ls units")
    #expect(made.status == 0, "\(made.output)")
    for kind in ["service", "timer"] {
      let made = try String(contentsOfFile: lab.sandbox.path + "/units/policy-box.\(kind)", encoding: .utf8)
      let shipped = try String(
        contentsOfFile: repositoryRoot + "/packaging/systemd/policy@.\(kind)", encoding: .utf8)
      let expected = made.replacing(
        /ExecStart=.*/, with: "ExecStart=/usr/bin/policy apply -p /etc/policy/%i.yaml --yes --trigger systemd")
      for section in kind == "service" ? ["Service"] : ["Timer", "Install"] {
        let lines = Self.section(section, of: expected)
        #expect(!lines.isEmpty)
        #expect(Self.section(section, of: shipped) == lines)
      }
    }
  }

  private static func section(_ name: String, of unit: String) -> [Substring] {
    unit.split(separator: "\n").drop { $0 != "[\(name)]" }.dropFirst().prefix { !$0.hasPrefix("[") }.filter {
      !$0.hasPrefix("#")
    }
  }

  private static func page(_ sandbox: Sandbox, _ name: String) throws -> String {
    try String(contentsOfFile: sandbox.path + "/one/" + name, encoding: .utf8)
  }

  private static func has(_ program: String) throws -> Bool {
    let found = try Shell.run("command -v \(program)", in: "/tmp").status == 0
    if !found { print("NOT RUN: a part of the tests of what is installed needs \(program)") }
    return found
  }
}
