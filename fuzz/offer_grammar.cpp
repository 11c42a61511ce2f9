// The parser of ":upgrade" takes exactly the grammar of protocol.md section 3, and loses nothing of what it takes.
#include <algorithm>
#include <string>

#include "base/octets.hpp"
#include "require.hpp"
#include "upgrade/offer.hpp"

namespace {

// The ABNF a second time, as a table that shares no code with the parser. Rows: what came last; columns: what comes.
enum State : unsigned char { start, name, slash, tail, space, semicolon, comma, wrong };
constexpr State next[][6] = {
    // token  '/'    OWS        ';'        ','    other
    {name, wrong, wrong, wrong, wrong, wrong},       // start
    {name, slash, space, semicolon, comma, wrong},   // name: of a protocol
    {tail, wrong, wrong, wrong, wrong, wrong},       // slash
    {tail, wrong, space, semicolon, comma, wrong},   // tail: a version, an attribute
    {wrong, wrong, space, semicolon, comma, wrong},  // space: behind a token
    {tail, wrong, semicolon, wrong, wrong, wrong},   // semicolon, and OWS behind it
    {name, wrong, comma, wrong, wrong, wrong},       // comma, and OWS behind it
    {wrong, wrong, wrong, wrong, wrong, wrong},
};

unsigned column(char c) {
  constexpr std::string_view others = "/ ;,", marks = "!#$%&'*+-.^_`|~";
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  if (letter || marks.find(c) != marks.npos) return 0;
  const auto at = others.find(c == '\t' ? ' ' : c);
  return at == others.npos ? 5 : static_cast<unsigned>(at) + 1;
}

bool in_grammar(std::string_view value) {
  State state = start;
  for (const char c : value) state = next[state][column(c)];
  return state == name || state == tail;
}

std::string without_space(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t'; });
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  const auto value = as_text({octets, size});
  const auto offers = parse_offers(value);
  require(offers.has_value() == in_grammar(value), "what the parser takes is the ABNF of a request");
  const bool one = in_grammar(value) && value.find(',') == value.npos;
  require(parse_accepted(value).has_value() == one, "what the parser takes is the ABNF of a response");
  if (!offers) return 0;
  const auto printed = print(*offers);
  require(parse_offers(printed) == *offers, "what is printed parses to the same offers");
  require(without_space(printed) == without_space(std::string(value)), "what is parsed is all that was there");
  return 0;
}
