"""A WebSocket server's end of one connection that echoes (RFC 6455): octets in, octets out. It opens no socket.

    end = Echo()
    socket.sendall(end.receive(octets))   # again and again; end.over says that its last octets have been given
"""

import codecs
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
LONGEST_MESSAGE = 16 << 20


class Wrong(Exception):
    """What the peer did wrong, as the code of the Close that says so (section 7.4.1)."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def frame(opcode, content):
    size = len(content)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 127, size)
    return head + content


def unmask(content, key):
    size = len(content)
    mask = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(content, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")


def may_be_sent(code):
    """1004 is reserved; 1005, 1006 and 1015 are for programs and never on the wire; 1016 to 2999 are nobody's."""
    return 1000 <= code <= 1014 and code not in (1004, 1005, 1006) or 3000 <= code <= 4999


class Echo:
    def __init__(self):
        self.over = False
        self._octets = bytearray()
        self._opcode = None  # of the message that is under way
        self._message = bytearray()
        self._utf8 = None

    def receive(self, octets):
        """What is to be written in answer to these octets; after a Close nothing is read any more."""
        self._octets += octets
        answer = bytearray()
        try:
            while not self.over:
                head_and_content = self._take_frame()
                if head_and_content is None:
                    break
                answer += self._answer(*head_and_content)
        except Wrong as wrong:
            self.over = True
            answer += frame(CLOSE, struct.pack("!H", wrong.code))
        return bytes(answer)

    def _take_frame(self):
        octets = self._octets
        if len(octets) < 2:
            return None
        final, opcode, size = octets[0] & 0x80, octets[0] & 0x0F, octets[1] & 0x7F
        # No extension was agreed, so no reserved bit means anything; a client masks.
        if octets[0] & 0x70 or not octets[1] & 0x80:
            raise Wrong(1002)
        if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise Wrong(1002)
        if opcode >= CLOSE and (size > 125 or not final):
            raise Wrong(1002)
        if opcode == CONTINUATION and self._opcode is None or opcode in (TEXT, BINARY) and self._opcode is not None:
            raise Wrong(1002)
        at = 2
        if size >= 126:
            form, least = ("!H", 126) if size == 126 else ("!Q", 65536)
            at += struct.calcsize(form)
            if len(octets) < at:
                return None
            (size,) = struct.unpack_from(form, octets, 2)
            if size < least or size >> 63:  # not in its shortest form, or negative
                raise Wrong(1002)
            if size + len(self._message) > LONGEST_MESSAGE:
                raise Wrong(1009)
        if len(octets) < at + 4 + size:
            return None
        key = bytes(octets[at : at + 4])
        content = unmask(bytes(octets[at + 4 : at + 4 + size]), key)
        del octets[: at + 4 + size]
        return final, opcode, content

    def _answer(self, final, opcode, content):
        if opcode == PING:
            return frame(PONG, content)
        if opcode == PONG:
            return b""
        if opcode == CLOSE:
            return self._answer_close(content)
        if opcode != CONTINUATION:
            self._opcode = opcode
            self._utf8 = codecs.getincrementaldecoder("utf-8")() if opcode == TEXT else None
        self._message += content
        if len(self._message) > LONGEST_MESSAGE:
            raise Wrong(1009)
        self._check_text(content, bool(final))
        if not final:
            return b""
        whole = frame(self._opcode, bytes(self._message))
        self._opcode = None
        self._message.clear()
        return whole

    def _check_text(self, content, final):
        if self._utf8 is None:
            return
        try:
            self._utf8.decode(content, final)
        except UnicodeDecodeError:
            raise Wrong(1007) from None

    def _answer_close(self, content):
        if len(content) == 1 or len(content) >= 2 and not may_be_sent(struct.unpack_from("!H", content)[0]):
            raise Wrong(1002)
        try:
            content[2:].decode("utf-8")
        except UnicodeDecodeError:
            raise Wrong(1007) from None
        self.over = True
        return frame(CLOSE, content[:2])
