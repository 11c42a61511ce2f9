#include "report/json.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "report/json_writer.hpp"
#include "report/samples_test.hpp"

namespace upspec::report {
namespace {

// Checks form always, and the schema where Debian's python3-jsonschema is there.
constexpr const char* checker = R"py(
import json, sys
report = json.load(open(sys.argv[1], encoding="utf-8"))
schema = json.load(open(sys.argv[2], encoding="utf-8"))
try:
    import jsonschema
except ImportError:
    sys.exit(0)
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(report)
)py";

void expect_valid(const std::string& text) {
  const auto outcome =
      samples::shell(cat("python3 '", samples::in_file("check.py", checker), "' '",
                         samples::in_file("report.json", text), "' '", samples::schema("report.schema.json"), "'"));
  EXPECT_EQ(outcome.status, 0) << outcome.output.substr(0, 2000);
}

TEST(JsonWriter, NestsAndSeparates) {
  JsonWriter w;
  w.begin_object().key("a").text("b").key("c").begin_array().number(1).flag(true).end_array();
  w.key("d").begin_array().end_array().key("e").seconds(0.5).end_object();
  EXPECT_EQ(w.take(), "{\n \"a\": \"b\",\n \"c\": [\n  1,\n  true\n ],\n \"d\": [],\n \"e\": 0.500000\n}\n");
}

TEST(JsonWriter, EscapesWhatJsonEscapes) {
  JsonWriter w;
  w.text(std::string_view("\"\\\n\t\r\0\xff", 7));
  EXPECT_EQ(w.take(), "\"\\\"\\\\\\n\\t\\\\x0d\\\\x00\\\\xff\"\n");
}

TEST(Json, ReportsAreValid) {
  expect_valid(json({}, {}));
  expect_valid(json(samples::run(), samples::one_of_each()));
  auto results = samples::one_of_each();
  results.push_back(samples::hostile_case());
  results.back().seen = std::string(1u << 20, '\x01');
  expect_valid(json(samples::run(), results, {{samples::passed().id, {"fail: x", "why"}}}));
}

TEST(Json, HasEverything) {
  const auto text =
      json(samples::run(), {samples::failed()}, {{samples::failed().id, {outcome_line(samples::failed()), "why"}}});
  for (const auto* piece : {"\"seed\": \"18446744073709551615\"", "\"way\": \"received\"", "\"total_octets\": 9000",
                            "\"known\": \"why\"", "\"at_us\": 1903", "\"fail\": 1", "\"known\": 1"})
    EXPECT_NE(text.find(piece), std::string::npos) << piece;
}

}  // namespace
}  // namespace upspec::report
