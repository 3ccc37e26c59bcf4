internal import ArgumentParser
internal import Glibc
internal import PolicySyntax

/// `--color WHEN`, which every command takes: stronger than `NO_COLOR` and `CLICOLOR_FORCE`, whose words it sets.
enum ColorChoice: String, CaseIterable {
  case auto, always, never

  static let option = "--color"

  /// The arguments without the option, which takes effect at once.
  static func take(from arguments: [String]) throws -> [String] {
    var rest: [String] = []
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      index += 1
      if argument == "--" {
        rest += arguments[(index - 1)...]
        break
      } else if argument == option {
        try choose(index < arguments.count ? arguments[index] : "")
        index += 1
      } else if argument.hasPrefix(option + "=") {
        try choose(String(argument.dropFirst(option.count + 1)))
      } else {
        rest.append(argument)
      }
    }
    return rest
  }

  private static func choose(_ word: String) throws {
    switch ColorChoice(rawValue: word) {
    case .auto: break
    case .always:
      _ = unsafe unsetenv("NO_COLOR")
      _ = unsafe setenv("CLICOLOR_FORCE", "1", 1)
    case .never: _ = unsafe setenv("NO_COLOR", "1", 1)
    case nil:
      Console.complain(
        word.isEmpty ? "`--color` has no value" : "`--color \(word)` means nothing",
        help: "write `--color auto`, `--color always` or `--color never`")
      throw ExitStatus.usage.code
    }
  }
}
