internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// Few commands need these libraries, and load them: a file that is no library, found first, stands for a missing one.
struct LoadedLibraryTests {
  private static let prelude = """
    set -u
    chmod 755 .; mkdir -p broken/archive broken/crypto; touch broken/archive/libarchive.so.13
    for version in 1.1 3 4; do touch broken/crypto/libcrypto.so.$version; done
    without() {
      local folder=$1; shift
      LD_LIBRARY_PATH=$PWD/broken/$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} "$@"
    }

    """

  private func run(_ script: String) throws -> [String] {
    let outcome = try Sandbox(under: "/tmp/loaded-").run(Self.prelude + script)
    return outcome.output.split(separator: "\n").map(String.init)
  }

  @Test func `help needs neither libarchive nor libcrypto`() throws {
    let said = try run(
      """
      without archive policy --help > /dev/null; echo "$?"
      without crypto policy --help > /dev/null; echo "$?"
      """)
    #expect(said == ["0", "0"])
  }

  @Test func `without libarchive an archive is neither read nor called damaged, and the rest goes on`() throws {
    let said = try run(
      """
      mkdir -p cold runs/old; printf 'task: detect\\nmode: train\\nepochs: 1\\n' > runs/old/args.yaml
      printf 'epoch,metrics/mAP50(B)\\n1,0.5\\n' > runs/old/results.csv; find runs/old -exec touch -d '20 days ago' {} +
      printf '%s\\n' 'version: 1' "roots: [$PWD/runs]" "archive: { to: $PWD/cold, format: tar.gz }" 'rules:' \\
        '  - { id: old, archive: runs, where: age > 2w }' > policy.yaml
      policy apply -p policy.yaml --yes > /dev/null; echo "apply $?"
      without archive policy plan -p policy.yaml > /dev/null; echo "plan $?"
      without archive policy archive verify -p policy.yaml > said; echo "verify $?"
      grep -cw unreadable said; grep -o 'need libarchive' said; tail -n 1 said
      policy archive verify -p policy.yaml | tail -n 1
      """)
    #expect(
      said == [
        "apply 0", "plan 0", "verify 9", "1", "need libarchive", "1 archive read, 0 whole", "1 archive read, 1 whole",
      ])
  }

  @Test func `without libcrypto nothing is written that needs a digest`() throws {
    let said = try run(
      """
      mkdir -p runs/exp1; printf 'task: detect\\nmode: train\\nepochs: 1\\n' > runs/exp1/args.yaml
      without crypto policy snapshot --root runs -o snapshot 2> said; echo $?
      grep -o 'digests need libcrypto' said; ls
      """)
    #expect(said == ["127", "digests need libcrypto", "broken", "runs", "said"])
  }
}
