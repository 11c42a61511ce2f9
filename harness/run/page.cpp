#include "run/page.hpp"

namespace upspec {

namespace {

// A browser opens a WebSocket by RFC 8441 only on a connection that it has already, so an ordinary request comes first.
// Its answer means nothing, and nor does its absence: what follows is judged on the wire.
constexpr std::string_view html = R"(<!doctype html>
<meta charset="utf-8">
<title>upspec</title>
<script>
'use strict';
const pause = milliseconds => new Promise(done => setTimeout(done, milliseconds));
const shown = value => JSON.stringify(String(value)).slice(0, 80);

async function text_of(path) {
  const answer = await fetch(path, {cache: 'no-store'});
  return answer.text();
}

function request(url) {
  return fetch(url, {mode: 'no-cors', credentials: 'include', cache: 'no-store'});
}

async function ordinary({url}) {
  try {
    await request(url);
    return {success: true, saw: ['an answer']};
  } catch (error) {
    return {success: false, saw: ['error: ' + error.message]};
  }
}

function channel({url, message}) {
  return new Promise(done => {
    const saw = [];
    let echoed = false;
    const socket = new WebSocket(url.replace('http', 'ws'));
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      saw.push('open');
      socket.send(message);
    };
    socket.onmessage = ({data}) => {
      const came = typeof data === 'string' ? data : new TextDecoder().decode(data);
      saw.push(came === message ? 'the message' : 'another message: ' + shown(came));
      echoed = echoed || came === message;
      socket.close(1000);
    };
    socket.onerror = () => saw.push('error');
    socket.onclose = ({code, wasClean}) => {
      saw.push('close ' + code + (wasClean ? '' : ', not clean'));
      done({success: echoed && wasClean && code === 1000, saw});
    };
  });
}

async function webSocket(visit) {
  const before = [];
  await request(new URL('/', visit.url)).catch(error => before.push('no answer before: ' + error.message));
  const {success, saw} = await channel(visit);
  return {success, saw: before.concat(saw)};
}

async function play(visit) {
  const much = pause(30000).then(() => ({success: false, saw: ['nothing more in 30 seconds']}));
  const {success, saw} = await Promise.race([(visit.protocol === 'none' ? ordinary : webSocket)(visit), much]);
  const word = encodeURIComponent(saw.join(', ').slice(0, 1000));
  await text_of('/said/' + visit.number + (success ? '/success/' : '/failure/') + word);
}

async function main() {
  for (;;) {
    const visit = await text_of('/next').then(JSON.parse).catch(() => ({}));
    if (visit.number) play(visit).catch(() => {});
    else await pause(50);
  }
}
main();
</script>
)";

}  // namespace

std::string_view page() { return html; }

}  // namespace upspec
