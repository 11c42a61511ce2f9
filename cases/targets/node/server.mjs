// An HTTP/2 server on Node's own http2 (nghttp2 inside), with extended CONNECT (RFC 8441). No npm package.
//
//   node server.mjs tls|cleartext PORT CERTIFICATE KEY     prints "listening on 127.0.0.1:PORT" when it is ready
//
//   /echo   :protocol websocket: echoes messages, subprotocols chat and superchat
//   /raw    :protocol upspec-echo: octets come back as they went
//   any     GET and HEAD answer 200, POST gives its content back, other methods answer 405
import fs from 'node:fs';
import http2 from 'node:http2';
import { echo } from './websocket.mjs';

const subprotocols = ['chat', 'superchat'];

function acceptWebsocket(stream, headers) {
  if (headers['sec-websocket-version'] !== '13') {
    stream.respond({ ':status': 400, 'sec-websocket-version': '13' }, { endStream: true });
    return;
  }
  const answer = { ':status': 200 };
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const chosen = offered.find((name) => subprotocols.includes(name));
  if (chosen) answer['sec-websocket-protocol'] = chosen;
  stream.respond(answer);
  echo(stream);
}

function acceptConnect(stream, headers) {
  const protocol = headers[':protocol'];
  const path = (headers[':path'] ?? '').split('?')[0];
  if (protocol === 'websocket' && path === '/echo') {
    acceptWebsocket(stream, headers);
  } else if (protocol === 'upspec-echo' && path === '/raw') {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  } else if (protocol === undefined) {
    stream.respond({ ':status': 405, allow: 'GET, HEAD, POST' }, { endStream: true }); // no forward proxy
  } else {
    const known = ['websocket', 'upspec-echo'].includes(protocol);
    stream.respond({ ':status': known ? 404 : 501 }, { endStream: true }); // 501: RFC 9220 section 3, for :protocol
  }
}

function serve(stream, headers) {
  stream.on('error', () => {}); // the peer reset it
  const method = headers[':method'];
  if (method === 'CONNECT') {
    acceptConnect(stream, headers);
  } else if (method === 'POST') {
    stream.respond({ ':status': 200, 'content-type': 'application/octet-stream' });
    stream.pipe(stream);
  } else if (method === 'GET' || method === 'HEAD') {
    stream.respond({ ':status': 200, 'content-type': 'text/plain' });
    stream.end(method === 'HEAD' ? undefined : 'node\n');
    stream.resume();
  } else {
    stream.respond({ ':status': 405, allow: 'GET, HEAD, POST' }, { endStream: true });
  }
}

const [transport, port, certificate, key] = process.argv.slice(2);
const settings = { enableConnectProtocol: true };
const server = transport === 'tls'
  ? http2.createSecureServer({ settings, cert: fs.readFileSync(certificate), key: fs.readFileSync(key) })
  : http2.createServer({ settings });
server.on('stream', serve);
server.on('sessionError', () => {}); // a peer's breach ends its connection, not this program
server.listen(Number(port), '127.0.0.1', () => console.log(`listening on 127.0.0.1:${port}`));
