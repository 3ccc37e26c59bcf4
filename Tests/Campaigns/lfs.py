#!/usr/bin/env python3
"""Backups to Git LFS: a bare repository on a disk, and a server over HTTP that asks for a password.

  lfs.py POLICY [KILLS]

Of each what remotes.py shows of the others. Beyond that: kill -9 at KILLS moments (default 20), a server that ends in the
middle of an object, several at once that push to one branch, and objects that are there already. Status 1 where something
is wrong; what cannot be tried is said.
"""

import os, random, shutil, signal, subprocess, sys, tempfile, time

import remotes
from remotes import POLICY, SECRET, Scene, check, digests, free_port, serve, try_remote

KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 20


class Moved:
    """A repository on a disk that is there or is not."""

    def __init__(self, repository):
        self.repository = repository
        if os.path.exists(repository + ".away"):
            os.rename(repository + ".away", repository)

    def terminate(self):
        os.rename(self.repository, self.repository + ".away")

    def wait(self):
        pass


def repository(path):
    subprocess.run(["git", "init", "--quiet", "--bare", path], check=True)
    return path


def damage_all(folder):
    """One byte of each large object in a store."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = f"{place}/{name}"
            if len(name) == 64 and os.path.getsize(path) > 1_000_000:
                with open(path, "r+b") as file:
                    file.seek(5)
                    byte = file.read(1)
                    file.seek(5)
                    file.write(bytes([byte[0] ^ 1]))


def commits(repository):
    ended = subprocess.run(["git", "-C", repository, "rev-list", "backups"], capture_output=True, text=True)
    return ended.stdout.split()


def settled(scene, name, others):
    """One more apply ends well; what came back is the run, and nobody's commit is gone."""
    for _ in range(2):
        status, said = scene.apply()
    check(status == 0 and "  saved " not in said, f"{name}: a settled apply: {status}\n{said}")
    status, said = scene.call("backup", "verify", "-p", scene.policy)
    check(status == 0 and "not whole" not in said, f"{name}: verify: {status}\n{said}")
    now = commits(others[0])
    check(all(one in now for one in others[1]), f"{name}: a commit is gone")
    home = scene.base + "/runs/.policy"
    left = [one for _, folders, _ in os.walk(home) for one in folders if one.startswith("git-lfs-")]
    check(not left, f"{name}: left behind: {left}")


def descendants(process):
    """Ids of a process and of what it started, the first one first."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout.split()
    parents = dict(zip(listed[::2], listed[1::2]))
    found = [str(process)]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return [int(one) for one in found]


def killed(remote, repository):
    """kill -9 at moments all over an apply: of everything, of the command, of its worker, of what git runs."""
    scene = Scene("killed", remote, "")
    began = time.time()
    scene.run("zero")
    scene.apply()
    whole = time.time() - began
    hit = 0
    for number in range(KILLS):
        run = scene.run(f"run{number}")
        before = commits(repository)
        process = subprocess.Popen([POLICY, "apply", "-p", scene.policy, "--yes"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        time.sleep(whole * (number + random.random()) / KILLS)
        there = descendants(process.pid) if process.poll() is None else []
        for one in [there, there[:1], there[1:2], there[2:]][number % 4]:
            try:
                os.kill(one, signal.SIGKILL)
                hit += 1
            except ProcessLookupError:
                pass
        process.wait()
        # A worker that outlives its command ends what it does, and lets go of its lock and of the run.
        for _ in range(100):
            status, said = scene.apply()
            if status != 7 and "protected" not in said:
                break
            time.sleep(0.1)
        check(status == 0, f"kill {number}: the next apply: {status}\n{said}")
        settled(scene, f"kill {number}", (repository, before))
        check(os.path.isdir(run), f"kill {number}: the run is gone")
    shutil.rmtree(scene.base, ignore_errors=True)
    print(f"killed: {hit} processes at {KILLS} moments of an apply")


def racing(remote, repository, count=4):
    """Several commands, each with runs of its own, one branch."""
    scenes = [Scene(f"racer{number}", remote, "") for number in range(count)]
    for scene in scenes:
        for name in ("one", "two"):
            scene.run(name)
    before = commits(repository)
    processes = [subprocess.Popen([POLICY, "apply", "-p", scene.policy, "--yes"], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL) for scene in scenes]
    for process in processes:
        said, _ = process.communicate(timeout=600)
        check(process.returncode == 0 and said.count(b"  saved ") == 2, f"racing: {process.returncode}\n{said.decode()}")
    for scene in scenes:
        settled(scene, "racing", (repository, before))
        shutil.rmtree(scene.base, ignore_errors=True)
    check(len(commits(repository)) == len(before) + 2 * count, "racing: another number of commits than backups")
    print(f"racing: {count} at once, {len(commits(repository)) - len(before)} commits, none lost")


def vanishing(remote, folder, start):
    """The server ends in the middle of the third object; what it had got is not sent again."""
    scene = Scene("vanishing", remote, "")
    run = scene.run("one")
    for number in range(6):
        with open(f"{run}/weights/epoch{number}.pt", "wb") as file:
            file.write(os.urandom(300_000))
        os.utime(file.name, (time.time() - 20 * 86400,) * 2)
    with open(folder + "/dies", "w") as file:
        file.write("2")
    open(folder + "/sent", "w").close()
    server = start()
    status, said = scene.apply()
    check(server.poll() is not None, "vanishing: the server did not end")
    server.kill()
    server.wait()
    check(status in (6, 9) and "  saved " not in said, f"vanishing: {status}\n{said}")
    check(SECRET not in said, "vanishing: a signed link was printed")
    with open(folder + "/sent") as file:
        first = file.read().split()
    os.remove(folder + "/dies")
    server = start()
    status, said = scene.apply()
    check(status == 0 and said.count("  saved ") == 1, f"vanishing: with the server again: {status}\n{said}")
    with open(folder + "/sent") as file:
        sent = file.read().split()
    check(len(first) >= 1 and len(sent) == len(set(sent)), f"vanishing: sent twice: {first} {sent}")
    status, said = scene.call("backup", "restore", run, "--to", scene.base + "/out", "-p", scene.policy)
    check(status == 0 and digests(run) == digests(scene.base + "/out/one"), f"vanishing: restore: {status}\n{said}")
    server.terminate()
    server.wait()
    check(SECRET.encode() not in scene.printed, "vanishing: a secret was printed")
    shutil.rmtree(scene.base, ignore_errors=True)
    print(f"vanishing: {len(first)} of {len(sent)} objects had come, and were not sent again")


def main():
    if not shutil.which("git-lfs"):
        print("NOT SHOWN HERE: backups to Git LFS: git-lfs is not installed")
        return 0
    base = tempfile.mkdtemp(prefix="lfs-")
    os.environ["HOME"] = base + "/home"
    os.mkdir(base + "/home")
    disk = repository(base + "/disk.git")
    try_remote("Git LFS on a disk", lambda: Moved(disk), "git-lfs:" + disk, lambda _: damage_all(disk + "/lfs"), "")
    shutil.rmtree(disk, ignore_errors=True)
    shutil.rmtree(disk + ".away", ignore_errors=True)
    repository(disk)
    racing("git-lfs:" + disk, disk)
    killed("git-lfs:" + disk, disk)
    (folder, port) = (base + "/served", free_port())
    os.mkdir(folder)
    served = repository(folder + "/models.git")
    with open(base + "/home/.git-credentials", "w") as file:
        file.write(f"http://me:{SECRET}@127.0.0.1:{port}\n")
    os.chmod(base + "/home/.git-credentials", 0o600)
    with open(base + "/home/.gitconfig", "w") as file:
        file.write("[credential]\n\thelper = store\n")
    log = open(base + "/log", "wb")
    command = [sys.executable, os.path.dirname(os.path.abspath(__file__)) + "/lfs_server.py", str(port), folder, SECRET]

    def start():
        return serve(command, port, log)

    remote = f"git-lfs:http://127.0.0.1:{port}/models.git"
    try_remote("Git LFS over HTTP", start, remote, lambda _: damage_all(folder + "/objects"), "")
    for name in os.listdir(folder + "/objects"):
        os.remove(f"{folder}/objects/{name}")
    subprocess.run(["git", "-C", served, "update-ref", "-d", "refs/heads/backups"])
    vanishing(remote, folder, start)
    log.close()
    shutil.rmtree(base, ignore_errors=True)
    print(f"lfs: {remotes.checks} checks, {remotes.failures} failed")
    return 1 if remotes.failures or remotes.checks == 0 else 0


sys.exit(main())
