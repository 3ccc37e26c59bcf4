import PolicyCore
import Testing

/// What `git-lfs:` may name, and what is refused without being repeated.
@Suite struct GitTargetTests {
  @Test(arguments: [
    ("git-lfs:/srv/models.git", "/srv/models.git", "backups", "/srv/models.git"),
    ("git-lfs:/srv/my models.git#main", "/srv/my models.git", "main", "/srv/my models.git"),
    ("git-lfs:file:///srv/m.git", "file:///srv/m.git", "backups", "/srv/m.git"),
    ("git-lfs:https://host.example/a/b.git#runs/2026", "https://host.example/a/b.git", "runs/2026", nil),
    ("git-lfs:http://127.0.0.1:8080/m.git", "http://127.0.0.1:8080/m.git", "backups", nil),
    ("git-lfs:ssh://git@host:2222/m.git", "ssh://git@host:2222/m.git", "backups", nil),
    ("git-lfs:git@host:models.git", "git@host:models.git", "backups", nil),
    ("git-lfs:host:/srv/models.git", "host:/srv/models.git", "backups", nil),
  ])
  func aRepositoryAndABranch(_ text: String, _ repository: String, _ branch: String, _ folder: String?) throws {
    let target = try GitTarget(text)
    #expect(target.repository == repository && target.branch == branch && target.folder == folder)
  }

  @Test(arguments: [
    "https://me:geheim@host/m.git", "https://geheim@host/m.git", "http://geheim@host/m.git",
    "ssh://me:geheim@host/m.git",
    "https://host/m.git?token=geheim", "me:geheim@host:m.git",
  ])
  func whatCouldHoldAPasswordIsRefusedAndNotRepeated(_ repository: String) {
    let wrong = #expect(throws: WrongTarget.self) { try GitTarget(GitTarget.prefix + repository) }
    #expect(wrong?.reason.contains("passwords and tokens do not belong") == true)
    #expect(wrong.map { "\($0)".contains("geheim") } == false)
  }

  @Test(arguments: [
    "", "#main", "models.git", "./models.git", "-oProxyCommand=x:y", "ssh://-oProxyCommand=x/y", "ssh://git@-x/y",
    "ext::sh -c x", "git://host/m.git", "file://host/m.git", "https:///m.git", "https://", "host:-x", "/srv/a\nb",
    "@host:m.git", "C:", "https://ho st/m.git",
  ])
  func whatGitWouldTakeForSomethingElseIsNoTarget(_ repository: String) {
    #expect(throws: WrongTarget.self) { try GitTarget(GitTarget.prefix + repository) }
  }

  @Test(arguments: [
    "", "-f", "a..b", "a//b", "/a", "a/", ".a", "a.lock", "a.", "HEAD", "a b", "+a", "a:b", "a~1", "a#b",
  ])
  func whatIsNoBranchIsRefused(_ branch: String) {
    #expect(throws: WrongTarget.self) { try GitTarget("git-lfs:/srv/m.git#" + branch) }
  }

  @Test func anotherTargetIsNotMeant() {
    #expect(!GitTarget.isMeant("rclone:git-lfs:x") && !GitTarget.isMeant("/git-lfs:x") && GitTarget.isMeant("git-lfs:"))
    #expect(throws: WrongTarget.self) { try GitTarget("/srv/models.git") }
  }
}
