// One exchange of an HTTP/2 client on Node's own http2 (nghttp2 inside), with extended CONNECT (RFC 8441). No npm package.
//
//   node client.mjs URL websocket|upspec-echo|none MESSAGE CA
//
// Exit status 0: the message came back, and the channel was closed in order (none: answered). 1: it did not.
import fs from 'node:fs';
import http2 from 'node:http2';
import { say } from './websocket.mjs';

const [url, protocol, message, ca] = process.argv.slice(2);
const { origin, host, pathname } = new URL(url);

// Until it turns out otherwise. What is still to be written is written before the program ends.
process.exitCode = 1;

function finish(why) {
  if (why) console.error(`client: ${why}`);
  else process.exitCode = 0;
  session.close();
}

function sayOctets(stream) {
  const parts = [];
  stream.on('data', (octets) => {
    parts.push(octets);
    if (Buffer.concat(parts).length >= message.length && !stream.writableEnded) stream.end();
  });
  stream.on('end', () => stream.end());
  stream.write(message);
  return new Promise((resolve) =>
    stream.on('close', () => resolve(Buffer.concat(parts).toString() === message && stream.rstCode === 0)));
}

const session = http2.connect(origin, ca ? { ca: fs.readFileSync(ca) } : {});
session.on('error', (error) => console.error(`client: ${error.message}`));

function ask() {
  const headers = protocol === 'none' ? { ':path': pathname } : {
    ':method': 'CONNECT', ':protocol': protocol, ':scheme': origin.split(':')[0], ':authority': host, ':path': pathname,
    ...(protocol === 'websocket' ? { 'sec-websocket-version': '13' } : {}),
  };
  const stream = session.request(headers, { endStream: protocol === 'none' });
  stream.on('error', (error) => console.error(`client: ${error.message}`));
  stream.on('close', () => session.close());
  stream.on('response', async (answer) => {
    const status = answer[':status'];
    if (protocol === 'none') {
      stream.resume();
      stream.on('end', () => finish());
      return;
    }
    const unasked = answer['sec-websocket-protocol'] ?? answer['sec-websocket-extensions'];
    if (status < 200 || status > 299 || unasked !== undefined) {
      stream.close(http2.constants.NGHTTP2_CANCEL);
      finish(`not accepted: status ${status}`);
      return;
    }
    const came = await (protocol === 'websocket' ? say(stream, message) : sayOctets(stream));
    finish(came ? '' : 'the channel ended without the echo, or not in order');
  });
}

// RFC 8441 3: not before the server's setting has come. No other frame of the server comes before its SETTINGS.
session.once('remoteSettings', (settings) => {
  if (protocol === 'none' || settings.enableConnectProtocol) ask();
  else finish('no extended CONNECT here');
});
