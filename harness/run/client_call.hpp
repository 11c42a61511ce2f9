// What a client is told for a case: what to ask for, where, and what to say. And what its end says.
#pragma once

#include <string>

#include "endpoint/talking_client.hpp"
#include "scenario/case.hpp"
#include "scenario/play.hpp"

namespace upspec {

// "https://localhost:8443/echo": the authority and the path of the protocol that the case is about.
std::string url_for(const Case& one, const Situation& situation);

// What it says and awaits once it has its channel; nothing where it is to have none.
std::string message_for(const Case& one);

// The reference client, told so. What it does besides (violations, the id of the setting) is in `options`.
TalkingClient talking_client(const Case& one, ClientOptions options, const Situation& situation);

ClientReport report_of(const TalkingClient& client);

}  // namespace upspec
