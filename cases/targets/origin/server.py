"""An HTTP/1.1 origin to stand behind the proxies of this folder. Python's standard library alone; loopback alone.

    python3 -B server.py PORT     prints "listening on 127.0.0.1:PORT" when it is ready; ends on SIGTERM

    /echo   with "Upgrade: websocket": a WebSocket that echoes, subprotocols chat and superchat
    /raw    with "Upgrade: upspec-echo": octets come back as they went
    any     GET and HEAD answer 200, POST gives its content back, other methods answer 405
"""

import base64
import binascii
import hashlib
import re
import socket
import sys
import threading

from websocket import Echo

LONGEST_HEAD = 256 << 10
LONGEST_CONTENT = 16 << 20
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
SUBPROTOCOLS = ("chat", "superchat")


class Refused(Exception):
    """The answer to a request that cannot be served, and after which the connection cannot go on."""

    def __init__(self, status, fields=()):
        super().__init__(status)
        self.status, self.fields = status, fields


class Gone(Exception):
    """The peer has left."""


class Request:
    def __init__(self, head):
        lines = head.decode("latin-1").split("\r\n")
        parts = lines[0].split(" ")
        if len(parts) != 3 or parts[2] not in ("HTTP/1.1", "HTTP/1.0"):
            raise Refused("400 Bad Request")
        self.method, self.target, self.version = parts
        self.fields = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not TOKEN.fullmatch(name):
                raise Refused("400 Bad Request")
            self.fields.append((name.lower(), value.strip(" \t")))

    def values(self, name):
        return [value for one, value in self.fields if one == name]

    def members(self, name):
        """Of a field that is a list: "a, b" and two fields "a" and "b" are the same."""
        return [m.strip(" \t") for value in self.values(name) for m in value.split(",") if m.strip(" \t")]

    def path(self):
        return re.sub(r"^https?://[^/?]*", "", self.target).split("?")[0] or "/"

    def wants(self, protocol):
        return (
            self.version == "HTTP/1.1"
            and protocol in [m.lower() for m in self.members("upgrade")]
            and "upgrade" in [m.lower() for m in self.members("connection")]
        )


class Connection:
    def __init__(self, sock):
        self.sock = sock
        self.octets = b""

    def more(self):
        got = self.sock.recv(65536)
        if not got:
            raise Gone
        self.octets += got

    def take(self, size):
        while len(self.octets) < size:
            self.more()
        taken, self.octets = self.octets[:size], self.octets[size:]
        return taken

    def take_until(self, end, most):
        while end not in self.octets:
            if len(self.octets) > most:
                raise Refused("431 Request Header Fields Too Large")
            self.more()
        taken, self.octets = self.octets.split(end, 1)
        return taken

    def answer(self, status, fields=(), content=b"", head_only=False):
        lines = ["HTTP/1.1 " + status, *fields, "Content-Length: %d" % len(content), "", ""]
        self.sock.sendall("\r\n".join(lines).encode("latin-1") + (b"" if head_only else content))

    def content(self, request):
        codings = [m.lower() for m in request.members("transfer-encoding")]
        lengths = set(request.members("content-length"))
        if codings and codings != ["chunked"] or codings and lengths or len(lengths) > 1:
            raise Refused("400 Bad Request")
        if (codings or lengths) and "100-continue" in [m.lower() for m in request.members("expect")]:
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if codings:
            return self.chunks()
        if not lengths:
            return b""
        length = lengths.pop()
        if not re.fullmatch(r"[0-9]{1,15}", length):
            raise Refused("400 Bad Request")
        if int(length) > LONGEST_CONTENT:
            raise Refused("413 Content Too Large")
        return self.take(int(length))

    def chunks(self):
        content = b""
        while True:
            size = self.take_until(b"\r\n", 4096).split(b";")[0].strip()
            if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
                raise Refused("400 Bad Request")
            if size.strip(b"0") == b"":
                while self.take_until(b"\r\n", LONGEST_HEAD):
                    pass  # trailers
                return content
            if len(content) + int(size, 16) > LONGEST_CONTENT:
                raise Refused("413 Content Too Large")
            content += self.take(int(size, 16))
            if self.take(2) != b"\r\n":
                raise Refused("400 Bad Request")


def switching(protocol, fields=()):
    lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: " + protocol, *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def key_of(request):
    """RFC 6455 4.2.1: one key, 16 octets in base64."""
    keys = request.values("sec-websocket-key")
    try:
        if len(keys) == 1 and len(base64.b64decode(keys[0], validate=True)) == 16:
            return keys[0]
    except (binascii.Error, ValueError):
        pass
    raise Refused("400 Bad Request")


def serve_websocket(connection, request):
    if request.method != "GET" or len(request.values("host")) != 1:
        raise Refused("400 Bad Request")
    if request.values("sec-websocket-version") != ["13"]:
        raise Refused("426 Upgrade Required", ["Sec-WebSocket-Version: 13", "Upgrade: websocket", "Connection: upgrade"])
    key = key_of(request)
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    fields = ["Sec-WebSocket-Accept: " + base64.b64encode(digest).decode()]
    chosen = [m for m in request.members("sec-websocket-protocol") if m in SUBPROTOCOLS]
    if chosen:
        fields.append("Sec-WebSocket-Protocol: " + chosen[0])
    connection.sock.sendall(switching("websocket", fields))
    end, octets = Echo(), connection.octets
    while True:
        answer = end.receive(octets)
        if answer:
            connection.sock.sendall(answer)
        if end.over:
            return
        octets = connection.sock.recv(65536)
        if not octets:
            return


def serve_raw(connection):
    connection.sock.sendall(switching("upspec-echo"))
    octets = connection.octets or connection.sock.recv(65536)
    while octets:
        connection.sock.sendall(octets)
        octets = connection.sock.recv(65536)


def serve_request(connection):
    """False: the connection is over."""
    request = Request(connection.take_until(b"\r\n\r\n", LONGEST_HEAD))
    if request.path() == "/echo" and request.wants("websocket"):
        serve_websocket(connection, request)
        return False
    if request.path() == "/raw" and request.wants("upspec-echo"):
        serve_raw(connection)
        return False
    content = connection.content(request)
    close = "close" in [m.lower() for m in request.members("connection")] or request.version == "HTTP/1.0"
    fields = ["Connection: close"] if close else []
    if request.method == "POST":
        connection.answer("200 OK", ["Content-Type: application/octet-stream", *fields], content)
    elif request.method in ("GET", "HEAD"):
        connection.answer("200 OK", ["Content-Type: text/plain", *fields], b"origin\n", request.method == "HEAD")
    else:
        connection.answer("405 Method Not Allowed", ["Allow: GET, HEAD, POST", *fields])
    return not close


def serve(sock):
    connection = Connection(sock)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(300)
        try:
            while serve_request(connection):
                pass
        except Refused as refused:
            connection.answer(refused.status, ["Connection: close", *refused.fields])
        # Read on until the peer has seen our end: closing with octets unread would reset the connection, and the
        # peer could lose our last ones.
        sock.shutdown(socket.SHUT_WR)
        sock.settimeout(5)
        while sock.recv(65536):
            pass
    except (OSError, Gone):
        pass
    finally:
        sock.close()


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=512)
    print("listening on %s:%d" % listener.getsockname()[:2], flush=True)
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    main()
