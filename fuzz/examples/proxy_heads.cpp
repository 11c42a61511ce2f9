#include "proxy_heads.hpp"

#include <nghttp2/nghttp2.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>

namespace example {

namespace http = boost::beast::http;

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// The members of a list: "a, B" is {"a", "b"}.
std::vector<std::string> members(std::string_view value) {
  std::vector<std::string> out;
  while (!value.empty()) {
    auto member = value.substr(0, value.find(','));
    value.remove_prefix(std::min(value.size(), member.size() + 1));
    while (!member.empty() && (member.front() == ' ' || member.front() == '\t')) member.remove_prefix(1);
    while (!member.empty() && (member.back() == ' ' || member.back() == '\t')) member.remove_suffix(1);
    if (!member.empty()) out.push_back(lower(member));
  }
  return out;
}

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.find(c) != marks.npos;
  });
}

bool is_right(const Field& field) {
  const auto* name = reinterpret_cast<const std::uint8_t*>(field.name.data());
  const auto* value = reinterpret_cast<const std::uint8_t*>(field.value.data());
  return nghttp2_check_header_name(name, field.name.size()) != 0 &&
         nghttp2_check_header_value(value, field.value.size()) != 0;
}

std::string base64(const std::string& octets) {
  std::string coded(octets.size() * 2 + 4, '\0');
  coded.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                                                        reinterpret_cast<const unsigned char*>(octets.data()),
                                                        static_cast<int>(octets.size()))));
  return coded;
}

// RFC 6455 4.2.2.
std::string accept_for(const std::string& key) {
  const auto text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha1(), nullptr);
  digest.resize(size);
  return base64(digest);
}

}  // namespace

const std::string* find(const Fields& fields, std::string_view name) {
  const auto at = std::ranges::find(fields, name, &Field::name);
  return at == fields.end() ? nullptr : &at->value;
}

std::string fresh_key() {
  std::random_device device;
  std::string octets(16, '\0');
  std::ranges::generate(octets, [&] { return static_cast<char>(device()); });
  return base64(octets);
}

Head head_for(const Request& request, bool has_content) {
  const auto* authority = find(request.fields, ":authority");
  if (authority == nullptr) authority = find(request.fields, "host");
  const auto* path = find(request.fields, ":path");
  const auto* method = find(request.fields, ":method");
  const bool channel = !request.protocol.empty();
  if (method == nullptr || !is_token(*method)) return {{}, 400};
  if (*method == "CONNECT" && !channel) return {{}, 501};
  if (authority == nullptr || authority->empty() || path == nullptr) return {{}, 400};
  if (channel && !is_token(request.protocol)) return {{}, 400};
  // RFC 9110 4.2.1, RFC 9112 3.2.1: behind an authority a path begins with "/".
  if (!path->starts_with('/') && !(*path == "*" && *method == "OPTIONS")) return {{}, 400};
  Head head;
  head.text = (channel ? "GET" : *method) + " " + *path + " HTTP/1.1\r\nhost: " + *authority + "\r\n";
  std::string cookie;
  for (const auto& [name, value] : request.fields) {
    if (name.starts_with(':') || name == "host" || name == "te" || name.starts_with("sec-websocket-key")) continue;
    if (channel && name == "content-length") continue;  // protocol.md section 12: it means nothing there
    if (name == "cookie")
      cookie.append(cookie.empty() ? "" : "; ").append(value);  // RFC 9113 8.2.3
    else
      head.text.append(name).append(": ").append(value).append("\r\n");
  }
  if (!cookie.empty()) head.text += "cookie: " + cookie + "\r\n";
  head.chunked = !channel && has_content && find(request.fields, "content-length") == nullptr;
  if (head.chunked) head.text += "transfer-encoding: chunked\r\n";
  if (channel) head.text += "connection: upgrade\r\nupgrade: " + request.protocol + "\r\n";
  if (request.protocol == "websocket") head.text += "sec-websocket-key: " + request.key + "\r\n";
  head.text += "\r\n";
  return head;
}

std::optional<Fields> fields_of(const Answer& answer, int status) {
  Fields fields = {{":status", std::to_string(status)}};
  const auto connection = answer[http::field::connection];
  auto own = members({connection.data(), connection.size()});
  for (const char* name : {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
                           "content-length", "sec-websocket-accept", "te", "trailer"})
    own.emplace_back(name);
  for (const auto& one : answer) {
    const auto name = one.name_string(), value = one.value();
    Field field{lower({name.data(), name.size()}), {value.data(), value.size()}};
    if (std::ranges::find(own, field.name) != own.end()) continue;
    if (!is_right(field)) return std::nullopt;
    fields.push_back(std::move(field));
  }
  return fields;
}

bool accepts(const Answer& answer, const Request& request) {
  const auto value = [&](http::field name) { return std::string_view(answer[name].data(), answer[name].size()); };
  const auto options = members(value(http::field::connection));
  if (std::ranges::find(options, "upgrade") == options.end()) return false;
  if (answer.count(http::field::upgrade) != 1 || lower(value(http::field::upgrade)) != lower(request.protocol))
    return false;
  return request.protocol != "websocket" || (answer.count(http::field::sec_websocket_accept) == 1 &&
                                             value(http::field::sec_websocket_accept) == accept_for(request.key));
}

}  // namespace example
