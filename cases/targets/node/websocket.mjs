// WebSocket's ends (RFC 6455), over any duplex stream: an HTTP/2 stream after extended CONNECT. Knows no HTTP.
// `echo(stream)` is a server's, `say(stream, message)` a client's; both take the stream over.
import crypto from 'node:crypto';

const continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10;
const longestMessage = 16 << 20;

// What the peer did wrong, as the code of the Close that says so (section 7.4.1).
class Wrong extends Error {
  constructor(code) {
    super(`close ${code}`);
    this.code = code;
  }
}

function frame(opcode, content, masked = false) {
  const size = content.length;
  const head = Buffer.alloc(size < 126 ? 2 : size < 65536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = size < 126 ? size : size < 65536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(size, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
  if (!masked) return Buffer.concat([head, content]);
  head[1] |= 0x80;
  const key = crypto.randomBytes(4);
  return Buffer.concat([head, key, content.map((octet, i) => octet ^ key[i & 3])]);
}

// 1004 is reserved; 1005, 1006 and 1015 are for programs and never on the wire; 1016 to 2999 are nobody's.
function mayBeSent(code) {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
}

function checkText(octets) {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    throw new Wrong(1007);
  }
}

function closeFrame(code, masked) {
  const content = Buffer.alloc(2);
  content.writeUInt16BE(code);
  return frame(close, content, masked);
}

// Octets in, octets out. After a Close nothing is read any more, and `over` is true. `take(opcode, message)` gives what
// is to be said to a message.
class End {
  over = false;
  inOrder = false; // the peer has sent a Close that is right
  closing = false; // we have said Close
  #client;
  #take;
  #octets = Buffer.alloc(0);
  #opcode = null; // of the message that is under way
  #parts = [];
  #size = 0;
  #utf8 = null;

  constructor({ client, take }) {
    this.#client = client;
    this.#take = take;
  }

  frame(opcode, content) {
    this.closing ||= opcode === close;
    return frame(opcode, content, this.#client);
  }

  receive(octets) {
    this.#octets = Buffer.concat([this.#octets, octets]);
    const answers = [];
    try {
      for (let got; !this.over && (got = this.#takeFrame()); ) answers.push(this.#answer(got));
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      this.over = true;
      answers.push(closeFrame(wrong.code, this.#client));
    }
    return Buffer.concat(answers);
  }

  #takeFrame() {
    const octets = this.#octets;
    if (octets.length < 2) return null;
    const final = (octets[0] & 0x80) !== 0, opcode = octets[0] & 0x0f;
    let size = octets[1] & 0x7f, at = 2;
    // No extension was agreed, so no reserved bit means anything; a client masks, a server does not.
    const masked = (octets[1] & 0x80) !== 0;
    if (octets[0] & 0x70 || masked === this.#client) throw new Wrong(1002);
    if (![continuation, text, binary, close, ping, pong].includes(opcode)) throw new Wrong(1002);
    if (opcode >= close && (size > 125 || !final)) throw new Wrong(1002);
    if (opcode === continuation && this.#opcode === null) throw new Wrong(1002);
    if ((opcode === text || opcode === binary) && this.#opcode !== null) throw new Wrong(1002);
    if (size >= 126) {
      const wide = size === 127;
      at = wide ? 10 : 4;
      if (octets.length < at) return null;
      const long = wide ? octets.readBigUInt64BE(2) : BigInt(octets.readUInt16BE(2));
      if (long < (wide ? 65536n : 126n) || long >> 63n) throw new Wrong(1002); // not the shortest form, or negative
      if (long + BigInt(this.#size) > BigInt(longestMessage)) throw new Wrong(1009);
      size = Number(long);
    }
    const start = at + (masked ? 4 : 0);
    if (octets.length < start + size) return null;
    const key = masked ? octets.subarray(at, start) : [0, 0, 0, 0];
    const content = Buffer.from(octets.subarray(start, start + size));
    for (let i = 0; i < size; ++i) content[i] ^= key[i & 3];
    this.#octets = octets.subarray(start + size);
    return { final, opcode, content };
  }

  #answer({ final, opcode, content }) {
    if (opcode === ping) return this.frame(pong, content);
    if (opcode === pong) return Buffer.alloc(0);
    if (opcode === close) return this.#answerClose(content);
    if (opcode !== continuation) {
      this.#opcode = opcode;
      this.#utf8 = opcode === text ? new TextDecoder('utf-8', { fatal: true }) : null;
    }
    this.#parts.push(content);
    this.#size += content.length;
    if (this.#size > longestMessage) throw new Wrong(1009);
    try {
      this.#utf8?.decode(content, { stream: !final });
    } catch {
      throw new Wrong(1007);
    }
    if (!final) return Buffer.alloc(0);
    const whole = this.#take(this.#opcode, Buffer.concat(this.#parts));
    this.#opcode = null;
    this.#parts = [];
    this.#size = 0;
    return whole;
  }

  #answerClose(content) {
    if (content.length === 1 || (content.length >= 2 && !mayBeSent(content.readUInt16BE(0)))) throw new Wrong(1002);
    checkText(content.subarray(2));
    this.over = this.inOrder = true;
    return this.closing ? Buffer.alloc(0) : this.frame(close, content.subarray(0, 2));
  }
}

function carry(stream, end) {
  stream.on('data', (octets) => {
    if (end.over) return; // after the Close: read, so that the peer's END_STREAM gets through, but not answered
    const answer = end.receive(octets);
    if (answer.length > 0 && !stream.write(answer)) {
      stream.pause();
      stream.once('drain', () => stream.resume());
    }
    if (end.over) stream.end();
  });
  stream.on('end', () => stream.end());
}

// Echoes messages on this stream until a Close or its end; then ends the other direction as well.
export function echo(stream) {
  carry(stream, new End({ client: false, take: (opcode, message) => frame(opcode, message) }));
}

// Says one message, waits for its echo, closes in order. Resolves to whether all of that came about.
export function say(stream, message) {
  const wanted = Buffer.from(message);
  let echoed = false;
  const end = new End({
    client: true,
    take(_, came) {
      echoed ||= came.equals(wanted);
      if (end.closing) return Buffer.alloc(0);
      end.closing = true;
      return closeFrame(1000, true);
    },
  });
  carry(stream, end);
  stream.write(end.frame(text, wanted));
  return new Promise((resolve) => stream.on('close', () => resolve(echoed && end.inOrder && stream.rstCode === 0)));
}
