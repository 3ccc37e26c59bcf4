internal import ArgumentParser
internal import PolicyApply
internal import PolicyCore
internal import PolicyReport

struct PinCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin",
    abstract: "Keep a run or checkpoint whatever any policy says.",
    discussion: """
      A pin is bound to the directory or file itself, not to its name. It counts
      when made by its owner or by root.

      \(ExitStatus.help)
      """)

  @Argument(help: "A run's directory, or a checkpoint.")
  var path: String

  @Option(help: ArgumentHelp("Why, for whoever finds it in a year.", valueName: "why"))
  var because: String

  @OptionGroup var place: PlaceOptions

  func validate() throws { try TypedPath.refuseEmpty([path]) }

  func run() throws {
    Surroundings.keepPrivate()
    let (roots, _) = try place.resolve(near: path)
    try Pins.pin(
      PlaceOptions.path(path, roots), because: because, roots: roots, options: place.options()
    ).tell()
  }
}

struct UnpinCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin", abstract: "Take a pin back.", discussion: ExitStatus.help)

  @Argument(help: "A pinned run's directory, or a checkpoint.")
  var path: String

  @OptionGroup var place: PlaceOptions

  func validate() throws { try TypedPath.refuseEmpty([path]) }

  func run() throws {
    Surroundings.keepPrivate()
    let (roots, _) = try place.resolve(near: path)
    try Pins.unpin(PlaceOptions.path(path, roots), roots: roots, options: place.options()).tell()
  }
}

extension Pins.Answer {
  fileprivate func tell() throws {
    guard status == .done else {
      Console.complain(DisplayText.escape(message))
      throw ExitCode(status.rawValue)
    }
    try Console.write(DisplayText.escape(message) + "\n")
  }
}
