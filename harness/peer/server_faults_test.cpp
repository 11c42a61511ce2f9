// Each violation of the server makes a difference, in one of the exchanges below, and leaves an unremarkable one alone
// where it is not about that.
#include "peer/server_faults.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "peer/block_forms.hpp"
#include "peer/server_exchanges.hpp"

namespace upspec {
namespace {

Octets run(const Dialogue& exchange, const Violations& violations) {
  FramesClient client(ServerOptions{.violations = violations});
  exchange(client);
  Octets all;
  for (const auto& frame : client.frames()) append(all, h2::serialise(frame));
  return all;
}

Violations only(std::string_view id) {
  const std::vector<std::string> ids{std::string(id)};
  return Violations::of(ids, ReferenceRole::server).value();
}

TEST(ServerFaults, EachViolationMakesADifference) {
  std::map<std::string, Octets> right;
  for (const auto& [name, exchange] : exchanges()) right[name] = run(exchange, {});
  for (const auto& violation : all_violations()) {
    if (violation.role != ReferenceRole::server) continue;
    const auto differs = [&](const auto& one) { return run(one.second, only(violation.id)) != right[one.first]; };
    EXPECT_TRUE(std::ranges::any_of(exchanges(), differs)) << violation.id;
  }
}

TEST(ServerFaults, EveryRowOfTheTablesIsAViolation) {
  std::set<std::string_view> known;
  for (const auto& violation : all_violations()) {
    if (violation.role == ReferenceRole::server) {
      EXPECT_TRUE(known.insert(violation.id).second) << violation.id;
    }
  }
  for (const auto table : {request_faults(), grammar_faults(), attribute_faults(), handshake_faults()})
    for (const auto& fault : table) EXPECT_TRUE(known.contains(fault.id)) << fault.id;
  for (const auto& fault : answer_faults()) EXPECT_TRUE(known.contains(fault.id)) << fault.id;
  for (const auto& fault : frame_faults()) EXPECT_TRUE(known.contains(fault.id)) << fault.id;
}

TEST(Violations, AreKnownByRole) {
  for (const auto& violation : all_violations()) {
    const std::vector<std::string> ids{std::string(violation.id)};
    const auto violations = Violations::of(ids, violation.role);
    ASSERT_TRUE(violations.has_value()) << violation.id;
    EXPECT_TRUE(violations->breaks(violation.id));
    EXPECT_FALSE(violations->none());
  }
  const std::vector<std::string> wrong{"RES-01/unheard-of"};
  const auto violations = Violations::of(wrong, ReferenceRole::server);
  ASSERT_FALSE(violations.has_value());
  EXPECT_NE(violations.error().text.find("RES-01/late"), std::string::npos);
  EXPECT_TRUE(Violations().none());
}

TEST(BlockForms, AreSeenInEveryForm) {
  const FieldSection section = {{"x-name", "value"}};
  h2::FieldEncoder encoder;
  using Form = WrittenField::Form;
  const auto form_of = [&](h2::FieldForm form) { return scan_block(encoder.encode(section, form)).fields.at(0); };
  EXPECT_EQ(form_of({.indexing = h2::Indexing::never}), (WrittenField{Form::never_indexed, false, false}));
  EXPECT_EQ(form_of({.indexing = h2::Indexing::without, .huffman = false}),
            (WrittenField{Form::without_indexing, false, true}));
  EXPECT_EQ(form_of({}), (WrittenField{Form::incremental, false, false}));
  EXPECT_EQ(form_of({}), (WrittenField{Form::indexed, true, false}));
  EXPECT_EQ(form_of({.indexing = h2::Indexing::without}), (WrittenField{Form::without_indexing, true, false}));
  encoder.limit_table(0);
  EXPECT_TRUE(scan_block(encoder.encode(section)).resizes_table);
}

}  // namespace
}  // namespace upspec
