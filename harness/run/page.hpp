// The page that plays the cases in a browser: it asks for the next visit, opens the WebSocket or sends the request, and
// reports what the browser's API has let it see. What that means is the harness's affair.
#pragma once

#include <string_view>

namespace upspec {

// HTML with its script. It asks  GET /next  (a JSON object: number, url, protocol, message; empty: nothing now) and
// says  GET /said/NUMBER/success/WHAT  or  .../failure/WHAT, percent-encoded.
std::string_view page();

}  // namespace upspec
