#include "report/json_writer.hpp"

#include "base/text.hpp"
#include "report/clean.hpp"
#include "report/numbers.hpp"

namespace upspec::report {

void JsonWriter::new_line() { out_ += cat('\n', std::string(has_members_.size(), ' ')); }

void JsonWriter::separate() {
  if (after_key_ || has_members_.empty()) {
    after_key_ = false;
    return;
  }
  if (has_members_.back()) out_ += ',';
  has_members_.back() = true;
  new_line();
}

void JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  has_members_.push_back(false);
}

void JsonWriter::close(char bracket) {
  const bool had_members = has_members_.back();
  has_members_.pop_back();
  if (had_members) new_line();
  out_ += bracket;
}

// `clean` leaves no control character but these two.
void JsonWriter::add_string(std::string_view value) {
  out_ += '"';
  for (const char c : clean(value, value.size())) {
    switch (c) {
      case '"':
        out_ += "\\\"";
        break;
      case '\\':
        out_ += "\\\\";
        break;
      case '\n':
        out_ += "\\n";
        break;
      case '\t':
        out_ += "\\t";
        break;
      default:
        out_ += c;
    }
  }
  out_ += '"';
}

JsonWriter& JsonWriter::begin_object() { return open('{'), *this; }
JsonWriter& JsonWriter::end_object() { return close('}'), *this; }
JsonWriter& JsonWriter::begin_array() { return open('['), *this; }
JsonWriter& JsonWriter::end_array() { return close(']'), *this; }

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  add_string(name);
  out_ += ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  separate();
  add_string(value);
  return *this;
}

JsonWriter& JsonWriter::number(std::uint64_t value) {
  separate();
  out_ += cat(value);
  return *this;
}

JsonWriter& JsonWriter::seconds(double value) {
  separate();
  out_ += fixed(value, 6);
  return *this;
}

JsonWriter& JsonWriter::flag(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

std::string JsonWriter::take() {
  std::string all = std::move(out_) + '\n';
  *this = {};
  return all;
}

}  // namespace upspec::report
