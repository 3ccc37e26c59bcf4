internal import PolicyTestSupport
internal import Testing

/// A result file whose writer is killed in the middle: nothing of it stays, and what was there before does.
struct KilledOutputTests {
  @Test func `nothing stays of a file that was being written`() throws {
    let outcome = try Sandbox(under: "/tmp/killed-").run(
      """
      # The shell says of a killed job what became of it, whenever it sees it.
      exec 2> /dev/null
      mkdir -p runs/exp1; printf 'task: detect\\nmode: train\\nepochs: 1\\n' > runs/exp1/args.yaml
      printf 'epoch,metrics/mAP50(B)\\n1,0.5\\n' > runs/exp1/results.csv
      policy snapshot --root runs -o one
      line=$(sed -n 2p one)
      { head -n 1 one; for n in {10000..29999}; do echo "${line//exp1/exp$n}"; done; } > many
      mkdir out; echo before > out/snapshot
      policy snapshot --from many -o out/snapshot &
      while kill -0 $!; do
        if readlink /proc/$!/fd/* | grep -q "$PWD/out/"; then kill -KILL $!; break; fi
      done
      wait $!; echo "$?"
      ls -A out; cat out/snapshot
      policy snapshot --from many -o out/snapshot; echo "$?"; ls -A out; wc -l < out/snapshot
      """)
    let said = outcome.output.split(separator: "\n").map(String.init)
    #expect(said == ["137", "snapshot", "before", "0", "snapshot", "20001"], "\(outcome.output)")
  }
}
