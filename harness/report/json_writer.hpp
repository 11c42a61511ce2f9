// JSON (RFC 8259), written as it is told; commas and indentation are its own.
//
//   JsonWriter w;
//   w.begin_object().key("id").text("a").key("seen").begin_array().number(1).end_array().end_object();
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace upspec::report {

class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& text(std::string_view value);  // any octets: what is no clean text shows as \xNN
  JsonWriter& number(std::uint64_t value);
  JsonWriter& seconds(double value);
  JsonWriter& flag(bool value);

  // What was written, with a line end; the writer is empty afterwards.
  std::string take();

 private:
  void separate();
  void new_line();
  void open(char bracket);
  void close(char bracket);
  void add_string(std::string_view value);

  std::string out_;
  std::vector<bool> has_members_;  // one entry an open object or array
  bool after_key_ = false;
};

}  // namespace upspec::report
