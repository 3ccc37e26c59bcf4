internal import ArgumentParser
internal import Glibc
internal import PolicyApply
internal import PolicyFormats

/// The command line: one file a subcommand, each thin.
public enum PolicyCLI {
  public static func run() -> Never {
    Surroundings.settle()
    let arguments = Array(CommandLine.arguments.dropFirst())
    // Confinement is the thread's: nothing else may run before it.
    if arguments.first == WorkerProgram.argument { exit(WorkerProgram.run(arguments)) }
    Invocation.run(arguments)
  }
}

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy",
    abstract: "Retention policies for training runs: decide, look, apply, take back.",
    discussion: """
      Write down in YAML what may go and what must stay. `policy plan` says what
      would happen and why, and changes nothing. `policy apply` moves to a trash,
      from where `policy trash restore` brings everything back.

      First steps:
        policy init --root runs
        policy plan -p policy.yaml -o plan.json
        policy apply plan.json
        policy trash list --root runs

      Every command takes `--color auto|always|never`, and heeds NO_COLOR; `--quiet` shows no progress.
      """,
    version: ToolVersion.text,
    subcommands: [
      InitCommand.self, WhyFullCommand.self, CheckCommand.self, TestCommand.self, FmtCommand.self, SnapshotCommand.self,
      PlanCommand.self, ShowCommand.self,
      DiffCommand.self, ReportCommand.self, ExplainCommand.self, ApplyCommand.self, GuardCommand.self,
      TrashCommand.self,
      ArchiveCommand.self, BackupCommand.self, PinCommand.self, UnpinCommand.self, SimulateCommand.self,
      RecoverCommand.self, LogCommand.self, ScheduleCommand.self, SchemaCommand.self, LSPCommand.self,
    ])
}
