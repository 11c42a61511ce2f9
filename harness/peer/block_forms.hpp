// How the fields of a header block were written (RFC 7541 6). For violations of REQ-13, where the form of a field makes
// a difference that it must not make. Octets in, forms out; the values are nghttp2's business.
#pragma once

#include <vector>

#include "base/octets.hpp"

namespace upspec {

struct WrittenField {
  enum class Form { indexed, incremental, without_indexing, never_indexed };
  Form form = Form::indexed;
  bool dynamic = false;      // the whole field, or its name, comes from the dynamic table
  bool plain_value = false;  // a literal value that is not in Huffman code
  bool operator==(const WrittenField&) const = default;
};

struct WrittenBlock {
  std::vector<WrittenField> fields;  // in the order of the fields
  bool resizes_table = false;        // begins with a dynamic table size update (6.3)
};

// Stops at the first octet that is no representation.
WrittenBlock scan_block(OctetView block);

}  // namespace upspec
