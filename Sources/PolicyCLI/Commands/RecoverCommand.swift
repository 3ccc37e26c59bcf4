internal import ArgumentParser
internal import PolicyApply
internal import PolicyReport

struct RecoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover", abstract: "Finish or undo what an interrupted run began.",
    discussion: """
      apply, trash restore and trash purge do this first by themselves. What is found neither in its place nor in the
      trash stops everything until somebody has looked for it; `--give-up` then says that it is gone. It never removes
      a file.

      \(ExitStatus.help)
      """)

  @Option(
    help: ArgumentHelp(
      "Look for this no more: it is gone, or was taken out of the trash by hand. May be given again.",
      valueName: "record"))
  var giveUp: [String] = []

  @OptionGroup var place: PlaceOptions

  func run() throws {
    Surroundings.keepPrivate()
    let (roots, _) = try place.resolve()
    let outcome = TrashCan.recover(roots, options: place.options(), givenUp: giveUp)
    if outcome.status == .done, outcome.notes.isEmpty, outcome.items.isEmpty {
      try Console.write("nothing was interrupted\n")
      return try outcome.end()
    }
    try Console.write(ApplyText.render(outcome.summary(plan: nil, place: place.words), style: Surroundings.style))
    try outcome.end()
  }
}
