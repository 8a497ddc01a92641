#!/usr/bin/env python3
"""Gives each paid order a receipt: a Function of Tenfold in Python, with the standard library alone.

It takes one event, or a batch of events, as docs/reference/contracts.md says.
"""
import json
import os
import re
import signal
import socket
import threading
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOST_BYTES = 2 * 1024 * 1024  # of one request; larger than `batch.maxSize`, which is 1 MiB by default
MOST_CONNECTIONS = 200
MOST_REMEMBERED = 10_000
IDLE_SECONDS = 60
BODY_SECONDS = int(os.environ.get("BODY_SECONDS", "10"))
AT_ONCE = int(os.environ.get("AT_ONCE", "50"))
BATCH = "application/cloudevents-batch+json"


class Refusal(Exception):
    """A request, or one event, that gets no receipt."""

    def __init__(self, status, title, detail):
        super().__init__(detail)
        self.status = status
        self.problem = {"title": title, "status": status, "detail": detail}


class Receipts:
    """Writes a receipt once for each event. A real one keeps both in the transaction of a database."""

    def __init__(self):
        self._lock = threading.Lock()
        self._written = OrderedDict()
        self._last = 0

    def write(self, source, event, data):
        if not isinstance(data, dict):
            raise Refusal(422, "Unprocessable", "The order is no JSON object.")
        order, total = data.get("orderId"), data.get("totalCents")
        if not isinstance(order, str) or order == "":
            raise Refusal(422, "Unprocessable", "orderId is missing.")
        if type(total) is not int or not 0 <= total <= 2**53:
            raise Refusal(422, "Unprocessable", "totalCents is no whole number from 0 on.")
        if data.get("paid") is False:
            # The platform tries 425 again, as its `retry` says.
            raise Refusal(425, "Too Early", f"The order {order} is not paid yet.")
        with self._lock:
            key = (source, event)
            if key not in self._written:
                self._last += 1
                self._written[key] = {"receipt": self._last, "orderId": order, "totalCents": total}
                if len(self._written) > MOST_REMEMBERED:
                    self._written.popitem(last=False)
            return self._written[key]


def parse(body):
    def refuse(word):
        raise ValueError(f"{word} is no JSON")

    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        raise Refusal(400, "Bad Request", "The body is no JSON.") from None


def answer_event(receipts, event):
    """The entry of `results` for one event of a batch."""
    entry = {}
    try:
        if not isinstance(event, dict):
            raise Refusal(400, "Bad Request", "The event is no JSON object.")
        source, name = event.get("source"), event.get("id")
        if not isinstance(source, str) or not isinstance(name, str) or not source or not name:
            raise Refusal(400, "Bad Request", "The event has no source or no id.")
        entry["id"] = name
        entry.update(status=200, data=receipts.write(source, name, event.get("data")))
    except Refusal as refusal:
        entry.update(status=refusal.status, error=refusal.problem)
    return entry


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "receipts", ""
    timeout = IDLE_SECONDS

    def handle_one_request(self):
        self.server.idle.add(self.connection)
        if self.server.ending.is_set():
            self.close_connection = True
            return
        super().handle_one_request()

    def parse_request(self):
        self.server.idle.discard(self.connection)
        return super().parse_request()

    def finish(self):
        self.server.idle.discard(self.connection)
        super().finish()

    def do_GET(self):
        if self.path not in ("/healthz", "/readyz"):
            return self.answer(404, {"title": "Not Found", "status": 404})
        ends = self.path == "/readyz" and self.server.ending.is_set()
        return self.answer(503 if ends else 200, {"status": "ending" if ends else "ok"}, "application/json")

    def do_POST(self):
        self.said = {}
        if not self.server.places.acquire(blocking=False):
            # With Retry-After the platform waits, and counts no attempt.
            self.close_connection = True
            self.answer(503, {"title": "Busy", "status": 503}, retry_after=1)
        else:
            try:
                answer = self.work()
            except Refusal as refusal:
                answer = refusal.status, refusal.problem
            except TimeoutError:
                self.close_connection = True
                answer = 408, {"title": "Request Timeout", "status": 408}
            finally:
                self.server.places.release()
            self.answer(*answer)
        self.log()

    def work(self):
        """The status, the body and its type."""
        if self.path.split("?")[0] != "/":
            self.close_connection = True
            raise Refusal(404, "Not Found", "Events go to /.")
        kind = self.headers.get_content_type()
        body = self.read_body()
        receipts = self.server.receipts
        if kind == BATCH:
            events = parse(body)
            if not isinstance(events, list):
                raise Refusal(400, "Bad Request", "A batch is a JSON array of events.")
            self.said["events"] = len(events)
            return 207, {"results": [answer_event(receipts, event) for event in events]}, "application/json"
        if kind != "application/json":
            raise Refusal(415, "Unsupported Media Type", f"Events have JSON as data, or come as {BATCH}.")
        source, name = self.headers.get("ce-source"), self.headers.get("ce-id")
        if not source or not name:
            raise Refusal(400, "Bad Request", "The event has no ce-source or no ce-id.")
        self.said["events"] = 1
        return 200, receipts.write(source, name, parse(body)), "application/json"

    def read_body(self):
        length = self.headers.get("content-length", "")
        if "transfer-encoding" in self.headers or not re.fullmatch("[0-9]{1,12}", length):
            self.close_connection = True
            raise Refusal(411, "Length Required", "The body has no Content-Length.")
        left = int(length)
        if left > MOST_BYTES:
            self.close_connection = True
            raise Refusal(413, "Content Too Large", f"A request has at most {MOST_BYTES} bytes.")
        parts, end = [], time.monotonic() + BODY_SECONDS
        while left > 0:
            self.connection.settimeout(max(0.001, end - time.monotonic()))
            part = self.rfile.read1(left)
            if part == b"":
                self.close_connection = True
                raise Refusal(400, "Bad Request", "The body ended too early.")
            parts.append(part)
            left -= len(part)
        self.connection.settimeout(IDLE_SECONDS)
        return b"".join(parts)

    def answer(self, status, value, kind="application/problem+json", retry_after=None):
        body = json.dumps(value).encode()
        self.said = {**getattr(self, "said", {}), "status": status}
        if self.server.ending.is_set():
            self.close_connection = True
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        if retry_after is not None:
            self.send_header("retry-after", str(retry_after))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log(self):
        trace = re.fullmatch("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", self.headers.get("traceparent", ""))
        attempt, consumer = self.headers.get("tenfold-attempt"), self.headers.get("tenfold-consumer")
        say("answered", trace=trace and trace[1], attempt=attempt, consumer=consumer, **self.said)

    def log_message(self, *_):
        """Each answer has its own line."""


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, address):
        super().__init__(address, Handler)
        self.receipts = Receipts()
        self.places = threading.BoundedSemaphore(AT_ONCE)
        self.ending = threading.Event()
        self.idle, self.open = set(), set()

    def verify_request(self, request, client_address):
        return len(self.open) < MOST_CONNECTIONS

    def process_request(self, request, client_address):
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """The client has gone."""

    def end(self):
        """Takes no more connections; those that wait for a request end, and requests that run go on."""
        self.ending.set()
        self.shutdown()
        for connection in list(self.idle):
            try:
                connection.shutdown(socket.SHUT_RD)
            except OSError:
                pass


lines = threading.Lock()


def say(message, **fields):
    known = {name: value for name, value in fields.items() if value is not None}
    with lines:
        print(json.dumps({"level": "info", "message": message, **known}), flush=True)


def main():
    host = os.environ.get("HOST", "0.0.0.0")
    server = Server((host, int(os.environ.get("PORT", "8080"))))

    def stop(*_):
        say("ending")
        threading.Thread(target=server.end).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    say("listening", port=server.server_address[1])
    server.serve_forever(poll_interval=0.1)
    server.server_close()


if __name__ == "__main__":
    main()
