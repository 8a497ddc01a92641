# Tells on its output which requests Python's http.server saw to their end: one JSON document a line, after a line with its port.
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        length = self.body_length()
        if length is None:
            self.close_connection = True
            return
        fields = [[name.lower(), value] for name, value in self.headers.items()]
        line = json.dumps({"method": self.command, "target": self.path, "length": length, "fields": fields})
        # One write a line, as each connection has a thread of its own.
        os.write(1, f"{line}\n".encode())
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

    def body_length(self):
        """Bytes of the body, None when it breaks off."""
        if self.headers.get("transfer-encoding") != "chunked":
            announced = int(self.headers.get("content-length", "0"))
            return announced if len(self.rfile.read(announced)) == announced else None
        total = 0
        while True:
            line = self.rfile.readline()
            if not line:
                return None
            size = int(line, 16)
            if len(self.rfile.read(size + 2)) < size + 2:
                return None
            if size == 0:
                return total
            total += size

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
print(server.server_port, flush=True)
server.serve_forever()
