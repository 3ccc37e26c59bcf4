#!/usr/bin/env python3
"""A small server of one git repository with Git LFS over HTTP, for the campaign alone.

  lfs_server.py PORT FOLDER PASSWORD

`/models.git` is served by `git http-backend`; objects of Git LFS lie in FOLDER/objects. Everything but a signed link asks for
`me:PASSWORD`. FOLDER/sent has a line for each object that came; with a number in FOLDER/dies the server ends, in the middle
of an object, once that many more came.
"""

import base64, hashlib, http.server, json, os, subprocess, sys, threading

PORT, FOLDER, PASSWORD = int(sys.argv[1]), sys.argv[2], sys.argv[3]
OBJECTS = FOLDER + "/objects"
COUNTING = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def answer(self, status, content=b"", kind="application/vnd.git-lfs+json", headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        content = b""
        while size := int(self.rfile.readline().strip(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content

    def serve(self):
        path, _, query = self.path.partition("?")
        if path.startswith("/objects/") and query == "signature=" + PASSWORD:
            return self.object(path.rpartition("/")[2])
        expected = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()
        content = self.body()
        if self.headers.get("Authorization") != expected:
            return self.answer(401, headers=[("WWW-Authenticate", 'Basic realm="models"')])
        if path == "/models.git/info/lfs/objects/batch":
            return self.batch(json.loads(content))
        if path.startswith("/models.git/info/lfs"):
            return self.answer(404, b"{}")
        self.git(path, query, content)

    do_GET = do_POST = do_PUT = serve

    def batch(self, request):
        answers = []
        for one in request["objects"]:
            is_there = os.path.exists(f"{OBJECTS}/{one['oid']}")
            link = {"href": f"http://127.0.0.1:{PORT}/objects/{one['oid']}?signature={PASSWORD}"}
            if request["operation"] == "download" and not is_there:
                answers.append({**one, "error": {"code": 404, "message": "Object does not exist on the server"}})
            elif request["operation"] == "upload" and is_there:
                answers.append(one)
            else:
                answers.append({**one, "authenticated": True, "actions": {request["operation"]: link}})
        self.answer(200, json.dumps({"transfer": "basic", "objects": answers}).encode())

    def object(self, name):
        place = f"{OBJECTS}/{name}"
        if self.command == "GET":
            with open(place, "rb") as file:
                return self.answer(200, file.read(), "application/octet-stream")
        content = self.body()
        if hashlib.sha256(content).hexdigest() != name:
            return self.answer(422)
        with COUNTING:
            if os.path.exists(FOLDER + "/dies"):
                with open(FOLDER + "/dies") as file:
                    left = int(file.read())
                if left == 0:
                    with open(place + ".part", "wb") as file:
                        file.write(content[: len(content) // 2])
                    os._exit(1)
                with open(FOLDER + "/dies", "w") as file:
                    file.write(str(left - 1))
            with open(place + ".part", "wb") as file:
                file.write(content)
            os.replace(place + ".part", place)
            with open(FOLDER + "/sent", "a") as file:
                file.write(name + "\n")
        self.answer(200)

    def git(self, path, query, content):
        environment = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": FOLDER, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_USER": "me", "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(content)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "GIT_CONFIG_NOSYSTEM": "1",
        }
        made = subprocess.run(["git", "http-backend"], input=content, env=environment, capture_output=True).stdout
        head, _, rest = made.partition(b"\r\n\r\n")
        status, kind = 200, "text/plain"
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            if name == "Content-Type":
                kind = value
        self.answer(status, rest, kind)


os.makedirs(OBJECTS, exist_ok=True)
http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
