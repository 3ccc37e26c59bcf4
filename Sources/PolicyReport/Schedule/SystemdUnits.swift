internal import PolicyCore

extension Schedule {
  /// A service that applies once, and gives way to everything else.
  public var service: String {
    let roots = roots.map { " " + Self.unitWord($0, isCommand: false) }.joined()
    return """
      \(Self.mark) for systemd; \(serviceName) applies the policy once.
      [Unit]
      Description=Retention of training runs, by \(Self.unitText(policy))
      \(roots.isEmpty ? "" : "RequiresMountsFor=\(roots.dropFirst())\n")\(onFailure.map { "OnFailure=\($0)" } ?? "# A unit that tells somebody when this one failed:\n#OnFailure=tell-me@%n.service")

      [Service]
      Type=oneshot
      ExecStart=\(words.map { Self.unitWord($0, isCommand: true) }.joined(separator: " "))
      \(isForUser ? "# 6: what is others' was left alone. 7: another apply is at work, and this one has its turn next time." : "# Another apply is at work: it has its turn next time.")
      SuccessExitStatus=\(isForUser ? "6 7" : "7")
      Nice=19
      CPUSchedulingPolicy=idle
      IOSchedulingClass=idle

      """
  }

  /// When it does. One that the machine slept through is made up for.
  public var timer: String {
    """
    \(Self.mark) for systemd; \(timerName) says when.
    [Unit]
    Description=When to apply \(Self.unitText(policy))

    [Timer]
    OnCalendar=\(pace.calendar)
    Persistent=true
    RandomizedDelaySec=10min

    [Install]
    WantedBy=timers.target

    """
  }

  /// Text of one line, in which `%` is literal.
  private static func unitText(_ text: ByteString) -> String {
    DisplayText.escape(text).replacing("%", with: "%%")
  }

  /// A word in double quotes where it needs them; of a command line, `$` is literal too.
  static func unitWord(_ word: ByteString, isCommand: Bool) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-.=:,+@".utf8)
    guard word.isEmpty || word.bytes.contains(where: { !plain.contains($0) }) else { return word.displayText }
    var text: [UInt8] = []
    for byte in word.bytes {
      switch byte {
      case UInt8(ascii: "\\"), UInt8(ascii: "\""): text += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "%"): text += [byte, byte]
      case UInt8(ascii: "$") where isCommand: text += [byte, byte]
      case 0..<0x20, 0x7F:
        let digits = Array("0123456789abcdef".utf8)
        text += Array("\\x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: text.append(byte)
      }
    }
    return "\"" + String(decoding: text, as: UTF8.self) + "\""
  }
}
