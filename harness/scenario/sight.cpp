#include "scenario/sight.hpp"

#include "base/text.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

namespace {

constexpr std::size_t most_items = 8;

void add(std::string& to, std::string_view one) { to += cat(to.empty() ? "" : ", ", one); }

}  // namespace

const StreamItem* Sight::item() const {
  const auto* stream = actor_.stream(stream_);
  if (!stream) return nullptr;
  auto& at = cursor_.streams[stream_];
  while (at.item < stream->items.size()) {
    const auto& item = stream->items[at.item];
    const bool is_taken = item.kind == StreamItem::Kind::octets && at.offset >= item.octets.size();
    if (!is_taken && item.kind != StreamItem::Kind::whole) return &item;
    // All of it is taken; it may still grow while it is the last one.
    if (is_taken && at.item + 1 == stream->items.size()) return nullptr;
    ++at.item;
    at.offset = 0;
  }
  return nullptr;
}

OctetView Sight::octets() const {
  const auto* at = item();
  if (!at || at->kind != StreamItem::Kind::octets) return {};
  return OctetView(at->octets).subspan(cursor_.streams[stream_].offset);
}

void Sight::take_item() {
  if (!item()) return;
  auto& at = cursor_.streams[stream_];
  ++at.item;
  at.offset = 0;
}

void Sight::take_octets(std::size_t count) { cursor_.streams[stream_].offset += count; }

const h2::FieldSection& Sight::request() const {
  static const h2::FieldSection none;
  const auto* stream = actor_.stream(stream_);
  return stream ? stream->request : none;
}

std::optional<OctetView> Sight::content(std::string& none) const {
  const auto* stream = actor_.stream(stream_);
  if (!stream) return std::nullopt;
  const auto& items = stream->items;
  const auto at = cursor_.streams[stream_];
  const bool has_octets = at.item < items.size() && items[at.item].kind == StreamItem::Kind::octets;
  const auto last = at.item + (has_octets ? 1 : 0);
  if (last >= items.size()) return std::nullopt;
  if (items[last].kind != StreamItem::Kind::whole) none = describe(items[last]);
  if (!none.empty()) return std::nullopt;
  return has_octets ? OctetView(items[at.item].octets).subspan(at.offset) : OctetView{};
}

void Sight::take_content() {
  auto& at = cursor_.streams[stream_];
  const auto& items = actor_.stream(stream_)->items;
  at.item += items[at.item].kind == StreamItem::Kind::octets ? 2 : 1;
  at.offset = 0;
}

std::string describe(const StreamItem& item) {
  if (!item.line.empty()) {
    const bool octets = item.kind == StreamItem::Kind::octets;
    return octets ? cat(item.line, " ", upspec::quoted(as_text(item.octets), 80)) : upspec::quoted(item.line, 200);
  }
  switch (item.kind) {
    case StreamItem::Kind::section: {
      const auto* status = h2::find(item.fields, ":status");
      return cat("HEADERS", status ? cat(" :status ", upspec::quoted(*status, 40)) : " without :status",
                 item.end_stream ? " END_STREAM" : "");
    }
    case StreamItem::Kind::octets:
      return cat("DATA ", upspec::quoted(as_text(item.octets), 80));
    case StreamItem::Kind::end:
      return "END_STREAM";
    case StreamItem::Kind::reset:
      return cat("RST_STREAM(", h2::error_name(item.code), ")");
    case StreamItem::Kind::whole:
    case StreamItem::Kind::abort:
      break;  // HTTP/1.1's alone
  }
  return {};
}

std::string describe_what_came(const Arrivals& actor, const Cursor& cursor, std::uint32_t id) {
  std::string all;
  if (const auto* stream = actor.stream(id)) {
    const auto at = cursor.streams.find(id);
    const auto from = at == cursor.streams.end() ? Cursor::OfStream{} : at->second;
    for (auto i = from.item; i < stream->items.size(); ++i) {
      const auto& item = stream->items[i];
      const bool partly = i == from.item && from.offset > 0;
      if (partly && from.offset == item.octets.size()) continue;
      if (item.kind == StreamItem::Kind::whole) continue;
      if (i - from.item == most_items) {
        add(all, cat("... ", stream->items.size() - i, " more"));
        break;
      }
      const bool told = item.kind == StreamItem::Kind::end && i > 0 && stream->items[i - 1].end_stream;
      if (told && i > from.item) continue;  // the HEADERS before it has said so
      add(all, partly ? cat(item.line.empty() ? "DATA" : item.line, " ",
                            upspec::quoted(as_text(OctetView(item.octets).subspan(from.offset)), 80))
                      : describe(item));
    }
  }
  for (auto i = cursor.goaways; i < actor.goaways().size(); ++i)
    add(all, cat("GOAWAY(", h2::error_name(actor.goaways()[i]), ")"));
  if (!actor.broken().empty()) add(all, actor.broken());
  if (actor.closing())
    add(all, *actor.closing() == Closing::fin ? "the connection was closed" : "the connection was reset");
  return all.empty() ? "nothing" : all;
}

}  // namespace upspec
