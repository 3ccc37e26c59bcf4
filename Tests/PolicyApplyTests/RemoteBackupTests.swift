import Foundation
import PolicyCore
import PolicyFormats
import Testing

@testable import PolicyApply

/// What can be said of remotes without one: how they are named, what must never be printed, and what is believed.
@Suite struct RemoteBackupTests {
  @Test func aTargetIsARemoteAndAPath() throws {
    #expect(try RcloneTarget("rclone:nas:").folder(1000) == "nas:1000")
    #expect(try RcloneTarget("rclone:nas:runs/up").folder(0) == "nas:runs/up/0")
    #expect(try RcloneTarget("rclone:nas:/runs/").folder(7) == "nas:/runs/7")
  }

  @Test(arguments: [
    "rclone:", "rclone:nas", "rclone::s3,secret_access_key=x:b", "rclone:nas,pass=x:b", "rclone:-x:b", "rclone:a@b:c",
    "nas:b",
  ])
  func whatCouldHoldAPasswordIsNoTarget(_ target: String) {
    #expect(throws: ArchiveTrouble.self) { try RcloneTarget(planned: target) }
  }

  @Test func aTargetWithAPasswordIsRefusedAndNotRepeated() throws {
    let root = TestRoot(inMemory: true)
    root.run("exp2")
    let outcome = root.apply([try root.backup("exp2", to: "rclone:nas,pass=geheim:b")])
    #expect(!outcome.items[0].isDone && reason(outcome).contains("options and passwords do not belong in a target"))
    #expect(!"\(outcome)".contains("geheim"))
    let journal = Disk.text(root.path + "/.policy/\(root.uid)/journal") ?? ""
    #expect(!journal.isEmpty && !journal.contains("geheim"))
  }

  private static let remotes = """
    {"nas": {"type": "local"}, "up": {"type": "alias", "remote": "nas:/mnt/nas"}, "s3": {"type": "s3", "secret_access_key": "geheim"},
     "here": {"type": "alias", "remote": "/mnt/nas/"}, "dark": {"type": "crypt", "remote": "up:dark", "password": "geheim"},
     "safe": {"type": "crypt", "remote": "s3:bucket", "password": "geheim"}, "ring": {"type": "alias", "remote": "ring:a"},
     "read": {"type": "union", "upstreams": "/mnt/old:ro s3:bucket"}, "both": {"type": "union", "upstreams": "s3:bucket /mnt/b:nc"},
     "many": {"type": "combine", "upstreams": "a=s3:bucket b=/mnt/c"}, "loose": {"type": "alias", "remote": "runs"},
     "inline": {"type": "hasher", "remote": ":local:/mnt/d"}, "far": {"type": "cache", "remote": ":sftp,host=a:/mnt/d"}}
    """

  @Test(arguments: [
    ("nas:/mnt/a", "/mnt/a"), ("up:runs", "/mnt/nas/runs"), ("here:", "/mnt/nas/"), ("here:runs", "/mnt/nas/runs"),
    ("dark:x", "/mnt/nas/dark"), ("both:x", "/mnt/b/x"), ("many:b", "/mnt/c"), ("loose:x", "/mnt/nas/runs"),
    ("inline:x", "/mnt/d/x"), ("from-env:y", "/srv/y"), ("s3:bucket", nil), ("safe:x", nil), ("ring:x", nil),
    ("read:x", nil), ("far:x", nil), ("nowhere:x", nil),
  ])
  func aRemoteThatEndsOnThisMachineIsRefused(_ place: String, _ folder: String?) throws {
    let configuration = RcloneConfiguration(
      dump: Array(Self.remotes.utf8),
      variables: ["RCLONE_CONFIG_FROM_ENV_TYPE=alias", "RCLONE_CONFIG_FROM_ENV_REMOTE=/srv", "HOME=/root"])
    let target = try RcloneTarget("rclone:\(place)")
    guard let folder else { return try configuration.requireElsewhere(target) }
    do {
      try configuration.requireElsewhere(target)
      Issue.record("\(place) is not refused")
    } catch {
      #expect(error.reason.contains("write the folder itself, `backup: { to: \(folder) }`"), "\(error.reason)")
      #expect(!error.reason.contains("geheim"))
      #expect(error.reason.contains("without what the remote makes") == place.hasPrefix("dark"))
    }
  }

  @Test func secretsAreTakenOutOfForeignWords() {
    let cases: [(String, String)] = [
      ("2026/11/26 00:18:03 Failed to cat: x", "Failed to cat: x"),
      ("first\nPut https://me:pw@host/a/b?X-Sig=1: no", "Put https://***@host/a/b?***"),
      ("bad key geheim-1234 in geheim", "bad key *** in geheim"), ("", ""), ("a@b is no address", "a@b is no address"),
    ]
    for (text, expected) in cases {
      #expect(Redaction.lastLine(text, secrets: ["geheim-1234", "x"]).hasPrefix(expected), "\(text)")
    }
    let long = Redaction.lastLine(String(repeating: "a", count: 5000), secrets: [])
    #expect(long.utf8.count < 500)
  }

  @Test func onlyWhatConfiguresAToolIsHandedOn() {
    for name in ["HOME", "RCLONE_CONFIG", "AWS_PROFILE", "https_proxy"] { #expect(Tool.isPassedOn(name)) }
    for name in ["LD_PRELOAD", "PATH", "BASH_ENV", "GODEBUG", "HOMER"] { #expect(!Tool.isPassedOn(name)) }
  }

  @Test func onlyExactlyWhatWasSentIsBelieved() throws {
    let origin = ArchiveManifest.Origin(
      record: "r", kind: .run, host: "h", root: "/r", path: "a", uid: 1, owner: nil, tree: "t", action: nil, plan: nil,
      policy: nil, rules: [], tool: "0", at: Timestamp(nanoseconds: 0))
    let digest = String(repeating: "a", count: 64)
    let manifest = ArchiveManifest(
      origin: origin,
      entries: [
        ArchiveEntry(path: "a", kind: .directory, mode: 0o755, uid: 1, gid: 1, modified: 0),
        ArchiveEntry(path: "a/b", kind: .file, mode: 0o644, uid: 1, gid: 1, modified: 0, size: 1, digest: digest),
      ])
    let whole: [ByteString: String] = ["a/b": digest, "SHA256SUMS": "m"]
    try RcloneDestination.compare(whole, manifest, "m")
    var wrong: [[ByteString: String]] = [[:], ["a/b": digest], ["SHA256SUMS": "m"]]
    wrong.append(whole.merging(["a/b": "other"]) { $1 })
    wrong.append(whole.merging(["SHA256SUMS": "n"]) { $1 })
    wrong.append(whole.merging(["a/c": digest]) { $1 })
    for found in wrong {
      #expect(throws: ArchiveTrouble.self) { try RcloneDestination.compare(found, manifest, "m") }
    }
  }
}
