// What an intermediary makes of a message (protocol.md sections 10 and 12), in both dialects: "21" stands for HTTP/2 in
// front and HTTP/1.1 behind, "12" for the reverse.
// Heads and sections in, heads and sections out. Knows no connection, no content, no time, and draws no key. `via` and
// other fields that a proxy adds by right are its own.
#pragma once

#include <optional>
#include <string_view>
#include <tl/expected.hpp>

#include "h1/head.hpp"
#include "h2/hpack.hpp"
#include "upgrade/breach.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

// The message on the other side, or the rule for which there is none. A request that cannot be carried is malformed in
// front (RST_STREAM(PROTOCOL_ERROR) in HTTP/2, 400 in HTTP/1.1); a response that cannot be is 502 in front.
template <class Message>
using Translated = tl::expected<Message, Breach>;

// 21, request.
//   :method: GET  :path: /  :upgrade: h2c; http2-settings   is   GET / HTTP/1.1  Upgrade: h2c  Connection: upgrade,
//   http2-settings
// All offers go on. An extended CONNECT becomes GET with its token in `Upgrade`, and `fresh_key` for `websocket`
// (XC-13). An ordinary request is carried, too; without `content-length` its content is chunked, if any can come
// (`end_stream`).
Translated<h1::RequestHead> request_21(const h2::FieldSection& request, bool end_stream, std::string_view fresh_key);

// 21, response: interim, final, or the switch. `asked`: the dialect in front, none for an ordinary request. `sent`:
// what went behind, which says what was offered and with which key.
//   HTTP/1.1 101  Upgrade: h2c  Connection: upgrade, x   is   :status: 101  :upgrade: h2c; x   or, in `connect`,
//   :status: 200
Translated<h2::FieldSection> response_21(std::optional<Dialect> asked, const h1::RequestHead& sent,
                                         const h1::ResponseHead& answer);

// 12, request. `hop`: the dialect that the connection behind has announced and that shall be used, if any; without, and
// where an upgrade cannot be asked for in that dialect, the request goes on without (PXY-15, PXY-16): asked_dialect of
// the result says which it was. `connect` carries one protocol and no attributes; neither carries an upgrade whose
// content has no length.
Translated<h2::FieldSection> request_12(const h1::RequestHead& request, std::string_view scheme,
                                        std::optional<Dialect> hop);

// 12, response. `asked`: the request in front. `sent`: what went behind.
Translated<h1::ResponseHead> response_12(const h1::RequestHead& asked, const h2::FieldSection& sent,
                                         const h2::FieldSection& answer, bool end_stream);

// What makes an answer from an HTTP/2 origin unfit to be passed on, in ways 12 and 22 (PXY-07, RES-05, XC-14, XC-16).
std::optional<Breach> unfit_answer(const h2::FieldSection& sent, const h2::FieldSection& answer, bool end_stream);

// PXY-15: the same request for a hop that does not upgrade: no `:upgrade`, and no field that its attributes name.
h2::FieldSection without_upgrade(const h2::FieldSection& request);

}  // namespace upspec
