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

  @Option(help: ArgumentHelp("Why, for whoever finds it in a year. Needed.", valueName: "why"))
  var because: String?

  @OptionGroup var place: PlaceOptions

  func validate() throws {
    try TypedPath.refuseEmpty([path])
    guard because?.isEmpty ?? true else { return }
    throw ValidationError(
      "say why: `policy pin \(ShellWord.quote(ByteString(path))) --because 'table 2 of the paper'`")
  }

  func run() throws {
    Surroundings.keepPrivate()
    let (roots, _) = try place.resolve(near: path)
    let place = PlaceOptions.path(path, roots)
    try Pins.pin(place, because: because ?? "", roots: roots, options: self.place.options()).tell(of: place)
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
    let place = PlaceOptions.path(path, roots)
    try Pins.unpin(place, roots: roots, options: self.place.options()).tell(of: place)
  }
}

extension Pins.Answer {
  /// `path` is what the message begins with, and may hold bytes that a `String` cannot.
  fileprivate func tell(of path: ByteString) throws {
    let name = path.displayText
    let words =
      message.hasPrefix(name)
      ? DisplayText.escape(path) + message.dropFirst(name.count)
      : DisplayText.escape(message)
    guard status == .done else {
      Console.complain(words)
      throw ExitCode(status.rawValue)
    }
    try Console.write(words + "\n")
  }
}
