internal import PolicyCore

extension Schedule {
  /// Lines of a crontab. `account`: whose name stands in the sixth field, in files of `/etc/cron.d`.
  ///
  /// Cron mails whatever is printed: that are messages, and one line when it did not end well. What was done stands in
  /// `policy log`.
  public func crontab(account: String?) -> String {
    let command = words.map(Self.shellWord).joined(separator: " ")
    let tell = "policy-\(name) ended with status $s; see policy log"
    let line =
      "nice -n 19 ionice -c 3 \(command) >/dev/null || { s=$?; [ $s = 7 ] || echo \"\(tell)\" >&2; }"
    return """
      \(Self.mark) for cron. Status 7 is no failure: another apply is at work.
      # A time at which the machine was off is not made up for; systemd's timers do that.
      \(mailTo.map { "MAILTO=\($0)" } ?? "# Whom to write to when something is wrong:\n#MAILTO=you@example.org")
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
      \(pace.fields)  \(account.map { $0 + "  " } ?? "")\(line.replacing("%", with: "\\%"))

      """
  }

  /// A word that a shell takes literally.
  static func shellWord(_ word: ByteString) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-.=:,+@%".utf8)
    let text = word.displayText
    guard word.isEmpty || word.bytes.contains(where: { !plain.contains($0) }) else { return text }
    return "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
