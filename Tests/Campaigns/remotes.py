#!/usr/bin/env python3
"""Backups to real remotes on this machine: a WebDAV server, and an S3 API where one is installed.

  remotes.py POLICY

For each remote: backed up and read back by something else than this program, a second apply that has nothing to do, a
server that is gone, one that comes back, a file that is damaged there, a restore; and no secret in anything that was
printed or written. Status 1 where something is wrong; what cannot be tried is said.
"""

import hashlib, os, shutil, socket, subprocess, sys, tempfile, time

SECRET = "s3cr3t-never-printed"
POLICY = os.path.abspath(sys.argv[1])
failures = checks = 0


def check(holds, words):
    global failures, checks
    checks += 1
    if not holds:
        failures += 1
        print("FAILED:", words)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def serve(command, port, log):
    process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return process
        except OSError:
            if process.poll() is not None:
                return None
            time.sleep(0.1)
    process.kill()
    return None


class Scene:
    def __init__(self, name, remote, bandwidth=", bandwidth: 50MB"):
        self.base = tempfile.mkdtemp(prefix="remotes-")
        self.printed = b""
        os.mkdir(self.base + "/out")
        self.policy = self.base + "/policy.yaml"
        with open(self.policy, "w") as file:
            file.write(
                f"version: 1\nname: {name}\nroots: [{self.base}/runs]\nbackup: {{ to: '{remote}'{bandwidth} }}\n"
                "limits: { max_trash: 10 }\nrules:\n  - { id: safe, backup: runs, where: state == finished }\n"
                "  - id: dead\n    trash: runs\n    where: state == finished\n    after: 30d\n    requires: [backup]\n"
                "    allow: [{ code: P0330, because: all are backed up }]\n")

    def run(self, name, days=20):
        path = f"{self.base}/runs/{name}"
        os.makedirs(path + "/weights")
        files = {"args.yaml": b"task: detect\nmode: train\nepochs: 2\n", "weights/best.pt": os.urandom(9_000_000),
                 "results.csv": b"epoch,metrics/mAP50(B)\n1,0.1\n2,0.5\n", "weights/a b.pt": os.urandom(100), "empty": b""}
        for file, content in files.items():
            with open(f"{path}/{file}", "wb") as out:
                out.write(content)
        os.symlink("best.pt", path + "/weights/link")
        os.link(path + "/weights/best.pt", path + "/weights/same.pt")
        stamp = time.time() - days * 86400
        for folder, _, names in os.walk(path):
            for one in names:
                os.utime(f"{folder}/{one}", (stamp, stamp), follow_symlinks=False)
        return path

    def call(self, *words):
        ended = subprocess.run([POLICY, *words], capture_output=True, timeout=600, stdin=subprocess.DEVNULL)
        self.printed += ended.stdout + ended.stderr
        return ended.returncode, ended.stdout.decode() + ended.stderr.decode()

    def apply(self):
        return self.call("apply", "-p", self.policy, "--yes")


def digests(folder):
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = f"{place}/{name}"
            if not os.path.islink(path):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = hashlib.sha256(file.read()).hexdigest()
    return found


def try_remote(name, start, remote, damage, bandwidth=", bandwidth: 50MB"):
    """`start` starts the server and returns its process; `damage` changes one byte of a stored file."""
    scene = Scene(name, remote, bandwidth)
    server = start()
    if server is None:
        print(f"NOT SHOWN HERE: backups to {name}: its server does not start")
        return
    try:
        first = scene.run("one")
        status, said = scene.apply()
        check(status == 0 and said.count("  saved ") == 1, f"{name}: first apply: {status}\n{said}")
        status, said = scene.apply()
        check(status == 0 and "  saved " not in said, f"{name}: second apply: {status}\n{said}")
        status, said = scene.call("backup", "verify", "-p", scene.policy)
        check(status == 0 and "1 backup read, 1 whole" in said, f"{name}: verify: {status}\n{said}")
        status, said = scene.call("backup", "restore", first, "--to", scene.base + "/out", "-p", scene.policy)
        check(status == 0, f"{name}: restore: {status}\n{said}")
        check(digests(first) == digests(scene.base + "/out/one"), f"{name}: what came back is something else")
        check(os.readlink(scene.base + "/out/one/weights/link") == "best.pt", f"{name}: the link is not back")
        check(os.stat(scene.base + "/out/one/weights/same.pt").st_nlink == 2, f"{name}: the hard link is not back")
        check(sorted(os.listdir(scene.base + "/out")) == ["one"], f"{name}: something is left behind")
        # The server is gone: nothing is said to be safe, and what waits for a backup stays.
        scene.run("two", 60)
        server.terminate()
        server.wait()
        status, said = scene.apply()
        check(status in (6, 9) and "  saved " not in said, f"{name}: without a server: {status}\n{said}")
        check(os.path.isdir(scene.base + "/runs/two"), f"{name}: a run went without its backup")
        server = start()
        status, said = scene.apply()
        check(status == 0 and said.count("  saved ") >= 1, f"{name}: with the server again: {status}\n{said}")
        status, said = scene.apply()
        check(status == 0 and not os.path.isdir(scene.base + "/runs/two"), f"{name}: after its backup it may go: {said}")
        damage("one")
        status, said = scene.call("backup", "verify", "-p", scene.policy)
        check(status == 9 and "damaged" in said, f"{name}: damage is not found: {status}\n{said}")
        for folder, _, names in os.walk(scene.base + "/runs/.policy"):
            for one in names:
                with open(f"{folder}/{one}", "rb") as file:
                    check(SECRET.encode() not in file.read(), f"{name}: a secret is in {one}")
        check(SECRET.encode() not in scene.printed, f"{name}: a secret was printed")
        print(f"{name}: tried")
    finally:
        if server:
            server.terminate()
            server.wait()
        shutil.rmtree(scene.base, ignore_errors=True)


def main():
    if not os.path.exists("/usr/bin/rclone"):
        print("NOT SHOWN HERE: backups by rclone: it is not installed")
        return 0
    base = tempfile.mkdtemp(prefix="remotes-")
    home = base + "/home"
    os.makedirs(home + "/.config/rclone")
    os.environ["HOME"] = home
    # What this machine sets for other clients would steer this one.
    for name in [name for name in os.environ if name.startswith(("AWS_", "RCLONE_"))]:
        del os.environ[name]
    log = open(base + "/log", "wb")
    (web, s3) = (free_port(), free_port())
    obscured = subprocess.run(["rclone", "obscure", SECRET], capture_output=True, text=True).stdout.strip()
    with open(home + "/.config/rclone/rclone.conf", "w") as file:
        file.write(f"[dav]\ntype = webdav\nurl = http://127.0.0.1:{web}\nvendor = other\nuser = me\npass = {obscured}\n"
                   f"[store]\ntype = s3\nprovider = Other\naccess_key_id = me\nsecret_access_key = {SECRET}\n"
                   f"endpoint = http://127.0.0.1:{s3}\nforce_path_style = true\n")
    stored = base + "/stored"
    os.mkdir(stored)

    def damage_folder(run):
        for folder, _, names in os.walk(stored):
            if "best.pt" in names and f"/{run}." in folder:
                with open(folder + "/best.pt", "r+b") as file:
                    file.write(b"X" * 9)

    def damage_store(run):
        listed = subprocess.run(["rclone", "lsf", "-R", "--files-only", "store:bucket"], capture_output=True, text=True)
        for path in listed.stdout.split("\n"):
            if path.endswith("best.pt") and f"/{run}." in path:
                subprocess.run(["rclone", "rcat", "store:bucket/" + path], input=b"X" * 9)

    dav = ["rclone", "serve", "webdav", "--addr", f"127.0.0.1:{web}", "--user", "me", "--pass", SECRET, stored]
    try_remote("WebDAV", lambda: serve(dav, web, log), "rclone:dav:back/up", damage_folder)
    moto = shutil.which("moto_server")
    if moto is None:
        print("NOT SHOWN HERE: backups to S3: moto (`pip install 'moto[server,s3]'`) is not installed")
    else:
        # What a server keeps in memory is gone with it: a server that is only deaf for a while stands for one that is gone.
        first = serve([moto, "-H", "127.0.0.1", "-p", str(s3)], s3, log)
        subprocess.run(["rclone", "mkdir", "store:bucket"])

        class Paused:
            def __init__(self):
                os.rename(home + "/.config/rclone/away", home + "/.config/rclone/rclone.conf") if os.path.exists(
                    home + "/.config/rclone/away") else None

            def terminate(self):
                os.rename(home + "/.config/rclone/rclone.conf", home + "/.config/rclone/away")

            def wait(self):
                pass

        if first is None:
            print("NOT SHOWN HERE: backups to S3: its server does not start")
        else:
            try_remote("S3", Paused, "rclone:store:bucket/runs", damage_store)
            first.terminate()
            first.wait()
    log.close()
    shutil.rmtree(base, ignore_errors=True)
    print(f"remotes: {checks} checks, {failures} failed")
    return 1 if failures or checks == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
