import Foundation
import PolicyCore
import PolicyFiles
import PolicyFormats
import Testing

@testable import PolicyApply

/// Backups by the real `git` and `git-lfs`, in a bare repository on this disk.
@Suite struct GitBackupTests {
  private struct Scene {
    let root = TestRoot()
    var repository: String { root.base + "/models.git" }
    var target: String { GitTarget.prefix + repository }

    /// `nil`, and said so, where the programs are not installed.
    init?() {
      guard Tool("git") != nil, Tool("git-lfs") != nil else {
        RootOnly.notShown("backups to Git LFS", "git or git-lfs is not installed (`apt install git git-lfs`)")
        return nil
      }
      root.run("alice/exp1", files: ["results.csv": "epoch,loss\n1,2\n", "empty": ""])
      root.run("exp2")
      shell("git", ["init", "--quiet", "--bare", root.base + "/models.git"])
    }

    func git(_ arguments: String...) -> String {
      let process = Process()
      let pipe = Pipe()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["git", "-C", repository] + arguments
      process.standardOutput = pipe
      guard (try? process.run()) != nil else { return "" }
      let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return text
    }

    func backUp(_ name: String, to target: String? = nil) throws -> ApplyOutcome {
      root.apply([try root.backup(name, to: target ?? self.target)])
    }

    var backups: [BackupListing] { Backups.list([root.root], options: root.options()).items }

    func verify(_ backup: BackupListing) -> ArchiveVerdict {
      Backups.verify(backup.folder, manifestDigest: backup.manifestDigest)
    }

    func takeBack(_ backup: BackupListing) -> ApplyOutcome {
      Disk.makeDirectory(root.base + "/back")
      return Archives.extract(
        backup.folder, manifestDigest: backup.manifestDigest, into: ByteString(root.base + "/back"), as: nil,
        options: root.options())
    }

    /// Paths of the objects in the repository.
    var objects: [String] {
      let store = repository + "/lfs/objects"
      let names = FileManager.default.enumerator(atPath: store)?.compactMap { $0 as? String } ?? []
      return names.filter { $0.utf8.count > 64 }.map { store + "/" + $0 }.sorted()
    }

    /// What is left of programs and their repositories.
    var leftovers: [String] {
      let home = (try? FileManager.default.contentsOfDirectory(atPath: root.path + "/.policy/\(root.uid)")) ?? []
      let back = (try? FileManager.default.contentsOfDirectory(atPath: root.base + "/back")) ?? []
      return (home + back).filter { $0.hasPrefix(GitArea.prefix) || $0.hasPrefix(".") }
    }
  }

  @Test func aRunIsPushedReadBackAndCanBeTakenBack() throws {
    guard let scene = Scene() else { return }
    let root = scene.root
    let run = root.path + "/alice/exp1"
    Disk.symbolicLink("best.pt", run + "/weights/link")
    Disk.hardLink(run + "/weights/best.pt", run + "/weights/same")
    Disk.makeDirectory(run + "/nothing in it", 0o750)
    // Names that a shell, a list or an option could stumble over, the last of them no text.
    let odd = ["-rf", "two\nlines", "\"quoted\\ \u{e9}", ":(glob)*", "#x"]
    for name in odd { Disk.write(run + "/" + name, Array("odd \(name)".utf8)) }
    Disk.write(run + "/weights/plain", [])
    #expect(Disk.move("plain", in: run + "/weights", to: [0x61, 0xff]))
    shell("truncate", ["-s", "1000000", run + "/holes"])
    Disk.append(run + "/holes", "end")
    let before = TestRoot.inventory(of: run)
    let outcome = try scene.backUp("alice/exp1")
    #expect(outcome.status == .done, "\(outcome)")
    #expect(TestRoot.inventory(of: run) == before)
    let backup = try #require(scene.backups.first)
    #expect(
      backup.target == scene.target && backup.folder.displayText.hasPrefix("\(scene.target)#backups:\(root.uid)/exp1."))
    #expect(scene.verify(backup) == .whole(entries: 17))
    #expect(Backups.verify(backup.folder, manifestDigest: nil) == .whole(entries: 17))
    #expect(
      scene.git("log", "--format=%an <%ae>|%s", "backups") == "policy <policy@localhost>|Back up run alice/exp1\n")
    #expect(scene.takeBack(backup).status == .done)
    #expect(Disk.text(root.base + "/back/exp1/results.csv") == "epoch,loss\n1,2\n")
    for name in odd { #expect(Disk.text(root.base + "/back/exp1/" + name) == "odd \(name)") }
    #expect(Disk.status(root.base + "/back/exp1/weights/same")?.st_nlink == 2)
    #expect(Disk.status(root.base + "/back/exp1/empty")?.st_nlink == 1)
    #expect(Disk.status(root.base + "/back/exp1/nothing in it").map { $0.st_mode & 0o777 } == 0o750)
    #expect(TestRoot.inventory(of: root.base + "/back/exp1").count == before.count)
    let again = scene.takeBack(backup)
    #expect(again.status == .refused && again.message?.contains("nothing is ever overwritten") == true)
    #expect(scene.leftovers.isEmpty, "\(scene.leftovers)")
  }

  @Test func peopleGetTheFilesFromAnOrdinaryClone() throws {
    guard let scene = Scene() else { return }
    #expect(try scene.backUp("alice/exp1").status == .done)
    let clone = scene.root.base + "/clone"
    #expect(shell("git", ["clone", "--quiet", "--branch", "backups", scene.repository, clone]))
    #expect(shell("git", ["-C", clone, "lfs", "pull"]))
    let folder = try #require(scene.backups.first).folder.displayText.split(separator: ":").last.map(String.init) ?? ""
    // Without the filter of Git LFS in the account's configuration the files are pointers until they are pulled.
    #expect(Disk.text("\(clone)/\(folder)/SHA256SUMS")?.hasPrefix("# policy-backup/1.") == true)
    #expect(
      shell("sh", ["-c", "cd '\(clone)/\(folder)' && git lfs checkout . ; sha256sum --check --quiet SHA256SUMS"]))
  }

  @Test func whatOthersPushedStays() throws {
    guard let scene = Scene() else { return }
    #expect(try scene.backUp("exp2").status == .done)
    let first = scene.git("rev-parse", "backups")
    #expect(try scene.backUp("alice/exp1").status == .done)
    #expect(scene.git("rev-parse", "backups~1") == first)
    #expect(scene.backups.count == 2)
    for backup in scene.backups { #expect(scene.verify(backup) == .whole(entries: backup.path == "exp2" ? 5 : 7)) }
    // Equal files are one object; there are 3 in a run, and a table.
    #expect(scene.objects.count == 6, "\(scene.objects)")
    #expect(try scene.backUp("exp2", to: scene.target + "#more/runs").status == .done)
    #expect(scene.objects.count == 6)
    #expect(scene.git("log", "--format=%s", "more/runs") == "Back up run exp2\n")
  }

  @Test func whatIsDamagedOrMissingInTheRemoteIsFound() throws {
    guard let scene = Scene() else { return }
    #expect(try scene.backUp("exp2").status == .done)
    let backup = try #require(scene.backups.first)
    let object = try #require(scene.objects.first)
    let bytes = try #require(Disk.bytes(object))
    for damage in [Array(bytes.dropLast()), bytes.map { $0 ^ 1 }, []] {
      Disk.remove(object)
      Disk.write(object, damage)
      guard case .damaged = scene.verify(backup) else {
        Issue.record("\(damage.count) bytes: \(scene.verify(backup))")
        continue
      }
      #expect(scene.takeBack(backup).status == .environment)
    }
    // A pointer without its object.
    Disk.remove(object)
    guard case .damaged(let reason) = scene.verify(backup) else { throw TestFailure("\(scene.verify(backup))") }
    #expect(reason.contains("exp2/") && reason.contains("is missing"))
    Disk.write(object, bytes)
    #expect(scene.verify(backup) == .whole(entries: 5))
    #expect(Backups.verify(backup.folder, manifestDigest: String(repeating: "0", count: 64)) != .whole(entries: 5))
    Disk.move(scene.repository, scene.root.base + "/away.git")
    guard case .unreadable(let words) = scene.verify(backup) else { throw TestFailure("\(scene.verify(backup))") }
    #expect(words.contains("does not appear to be a git repository"))
    #expect(scene.leftovers.isEmpty)
  }

  @Test func aRemoteThatHoldsSomethingElseUnderADigestIsNotBelieved() throws {
    guard let scene = Scene() else { return }
    #expect(try scene.backUp("exp2").status == .done)
    for object in scene.objects {
      let bytes = try #require(Disk.bytes(object))
      Disk.remove(object)
      Disk.write(object, bytes.map { $0 ^ 1 })
    }
    // Git LFS does not send again what is there: then only reading it back shows what it is.
    let outcome = try scene.backUp("exp2", to: scene.target + "#other")
    #expect(outcome.status == .environment && reason(outcome).contains("the copy does not verify"), "\(outcome)")
    #expect(scene.backups.count == 1)
    #expect(try scene.root.history().newestBackups.filter { $0.state == .whole }.count == 1)
  }

  @Test func whateverIsWrongNothingIsSaidToBeSafe() throws {
    guard let scene = Scene() else { return }
    let root = scene.root
    let cases = [
      (root.base + "/none.git", "does not appear to be a git repository"),
      ("https://me:geheim@host/x.git", "do not belong"),
      (scene.repository + "#a..b", "no name of a branch"),
    ]
    for (repository, words) in cases {
      let outcome = try scene.backUp("exp2", to: GitTarget.prefix + repository)
      #expect(outcome.status == .environment && reason(outcome).contains(words), "\(outcome)")
      #expect(!"\(outcome)".contains("geheim"))
    }
    #expect(Disk.text(root.path + "/.policy/\(root.uid)/journal")?.contains("geheim") == false)
    // A branch that sends its readers elsewhere.
    shell(
      "sh",
      [
        "-c",
        "cd '\(root.base)' && git clone --quiet models.git w && cd w && touch .lfsconfig && git add . && "
          + "git -c user.name=x -c user.email=x@x commit --quiet --message x && git push --quiet origin HEAD:refs/heads/theirs",
      ])
    let elsewhere = try scene.backUp("exp2", to: scene.target + "#theirs")
    #expect(reason(elsewhere).contains("`.lfsconfig`"), "\(elsewhere)")
    // A server that takes no commit: its own words are told.
    Disk.write(scene.repository + "/hooks/pre-receive", Array("#!/bin/sh\necho no runs here >&2\nexit 1\n".utf8))
    Disk.setMode(scene.repository + "/hooks/pre-receive", 0o755)
    let refused = try scene.backUp("exp2")
    #expect(refused.status == .partial && reason(refused).contains("no runs here"), "\(refused)")
    #expect(scene.backups.isEmpty && scene.leftovers.isEmpty)
    Disk.remove(scene.repository + "/hooks/pre-receive")
    // The same things in a plan of its own.
    root.digestSeed += 1
    #expect(try scene.backUp("exp2").status == .done)
  }

  @Test func aLimitThatCannotBeHeldIsRefused() throws {
    guard let scene = Scene() else { return }
    scene.root.policy.backup = BackupSettings(to: scene.target, bandwidth: 1_000_000)
    let outcome = try scene.backUp("exp2")
    #expect(
      outcome.status == .environment && reason(outcome).contains("cannot hold a `bandwidth`: delete it"), "\(outcome)")
    #expect(scene.objects.isEmpty && scene.backups.isEmpty)
  }

  @Test func whatGitWouldObeyIsNotBackedUp() throws {
    guard let scene = Scene() else { return }
    for name in [".git/config", "a/.gitattributes", ".GIT", "x/.gitmodules", "git~1"] {
      scene.root.write("exp2/" + name, "x")
      let outcome = try scene.backUp("exp2")
      #expect(reason(outcome).contains("git gives a file of this name a meaning"), "\(outcome)")
      shell("rm", ["-rf", scene.root.path + "/exp2/" + (name.split(separator: "/").first.map(String.init) ?? "")])
    }
    scene.root.write("exp2/.gitignore", "*")
    #expect(try scene.backUp("exp2").status == .done)
    #expect(scene.backups.map(scene.verify) == [.whole(entries: 6)])
  }
}
