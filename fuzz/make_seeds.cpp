// `make_seeds CASES SCRIPTS SEEDS` writes the seeds of every fuzz target: the offers that the cases make, the octets
// that they and the reference server exchange, the cases themselves, and as scripts what they and the texts in SCRIPTS
// say. One that shows nothing new is left out, so that the seeds stay few and small.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/text.hpp"
#include "peer/reference_server.hpp"
#include "scenario/play.hpp"
#include "scenario/sending.hpp"
#include "scenario/suite.hpp"
#include "scenario/xml.hpp"
#include "script/convert.hpp"
#include "ws/frame.hpp"

namespace upspec {
namespace {

namespace fs = std::filesystem;
using Features = std::set<std::string>;

// The seeds of one target.
class Folder {
 public:
  explicit Folder(fs::path path) : path_(std::move(path)) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }

  void offer(const std::string& id, std::string_view text, const Features& features) {
    constexpr std::size_t largest = 2048;
    if (text.empty() || text.size() > largest || std::ranges::includes(seen_, features)) return;
    seen_.insert(features.begin(), features.end());
    std::string name = id;
    std::ranges::replace(name, '/', '.');
    std::ofstream(path_ / name, std::ios::binary) << text;
    ++files_;
  }
  std::string summary() const { return cat(path_.string(), ": ", files_, " seeds\n"); }

 private:
  fs::path path_;
  Features seen_;
  std::size_t files_ = 0;
};

// ---- offer_grammar: values of :upgrade -------------------------------------------------------------------------

// "websocket; a, h2c" is "a; a, a"; every octet that is not of a token stands for itself.
std::string shape_of(std::string_view value) {
  std::string shape;
  for (const char c : value) {
    const char mark = is_token({&c, 1}) ? 'a' : c;
    if (shape.empty() || shape.back() != mark) shape += mark;
  }
  return shape;
}

void add_offers(const Case& one, Folder& folder) {
  Scope scope{{"scheme", "http"},   {"authority", "localhost"}, {"path.websocket", "/echo"},
              {"path.raw", "/raw"}, {"path.h2c", "/"},          {"protocol", "websocket"},
              {"key", "a2V5"},      {"key2", "a2V5Mg=="},       {"token", "t"}};
  for (const auto& [name, value] : one.values) scope[name] = value.fill(scope).value_or("");
  for (const auto& step : one.steps) {
    const auto* send = std::get_if<Send>(&step.what);
    if (!send) continue;
    for (const auto& part : send->parts) {
      const auto* headers = std::get_if<SendHeaders>(&part);
      const auto section = headers ? section_of(headers->like, headers->lines, scope) : fail("no HEADERS");
      const auto* value = section ? h2::find(*section, ":upgrade") : nullptr;
      if (value) folder.offer(one.id, *value, {shape_of(*value)});
    }
  }
}

// ---- frame_codec: the octets of a connection -------------------------------------------------------------------

// What the case and the reference server say to each other on the case's first connection.
struct Conversation {
  Octets asked, answered;
};

Conversation converse(const Case& one, const Registry& registry) {
  Situation situation;
  situation.paths = {{"websocket", "/echo"}, {"raw", "/raw"}, {"h2c", "/"}};
  Play play(one, situation, registry);
  ReferenceServer server({});
  Conversation all;
  play.connected(0, 0);
  for (bool moved = true; moved && !play.done();) {
    moved = false;
    while (const auto out = play.take_output(0)) {
      append(all.asked, *out);
      server.receive(*out);
    }
    const auto answer = server.take_output();
    if (answer.empty()) break;
    append(all.answered, answer);
    play.receive(0, answer, 0);
    moved = true;
  }
  return all;
}

// A frame's line without its numbers and octets: "HEADERS stream= END_HEADERS"; and how its field block begins.
Features features_of(const h2::Frame& frame) {
  auto line = h2::describe(frame);
  line.resize(std::min(line.size(), line.find(" octets")));
  std::erase_if(line, [](char c) { return c >= '0' && c <= '9'; });
  Features features{line};
  const auto fragment = frame.is(h2::FrameType::headers) ? h2::read_headers(frame) : fail("no HEADERS");
  if (fragment && !fragment->empty()) features.insert(cat("block ", fragment->front() >> 4));
  return features;
}

void add_octets(const std::string& id, OctetView octets, Folder& folder) {
  Features features;
  h2::FrameReader reader;
  reader.feed(octets);
  while (const auto frame = reader.next()) features.merge(features_of(*frame));
  folder.offer(id, as_text(octets), features);
}

void add_conversation(const Case& one, const Registry& registry, Folder& folder) {
  const auto [asked, answered] = converse(one, registry);
  const bool http2 = as_text(asked).starts_with(h2::preface);
  add_octets(cat(one.id, ".asked"), OctetView(asked).subspan(http2 ? h2::preface.size() : 0), folder);
  add_octets(cat(one.id, ".answered"), answered, folder);
}

// ---- case_loader: files of one case ----------------------------------------------------------------------------

// Its elements, each with its attributes: "<ws op code".
Features elements_of(std::string_view xml) {
  Features features;
  for (auto tag = xml.find('<'); tag != xml.npos; tag = xml.find('<', tag + 1)) {
    std::string feature;
    for (const auto word : words(xml.substr(tag, xml.find('>', tag) - tag))) {
      if (feature.empty() || word.find('=') != word.npos) feature += cat(word.substr(0, word.find('=')), " ");
    }
    features.insert(feature);
  }
  return features;
}

void add_case(const Case& one, Folder& folder) {
  const bool both = one.id != one.short_id;
  const auto dialect = both ? std::string() : cat(" dialect=\"", name_of(one.dialect), "\"");
  const auto text =
      cat("<cases subject=\"", one.subject, "\" role=\"", one.role, "\"", dialect, ">\n  ", one.source, "\n</cases>\n");
  folder.offer(one.short_id, text, elements_of(one.source));
}

// ---- session_*: scripts ----------------------------------------------------------------------------------------

// Its steps, without streams and octets but with the names of fields.
Features steps_of(const script::Script& script) {
  Features features;
  for (const auto& step : script.steps) {
    auto text = print(step);
    std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
    for (const auto line : split(text, '\n')) {
      const auto quote = line.find('"');
      features.emplace(line.starts_with(' ') ? line.substr(0, line.find(' ', 5))
                                             : line.substr(0, std::min(quote, std::size_t{60})));
    }
  }
  return features;
}

// Its fields: names, and values without digits.
Features fields_of(const script::Script& script) {
  Features features;
  for (const auto& step : script.steps)
    if (const auto* section = std::get_if<script::SectionStep>(&step.what))
      for (const auto& field : section->fields) features.insert(cat(field.name, ": ", shape_of(field.value)));
  return features;
}

// What the scripts say to those who read no scripts: heads of HTTP/1.1, frames of WebSocket.
Octets heads_in(const script::Script& script) {
  Octets all;
  for (const auto& step : script.steps)
    if (const auto* raw = std::get_if<script::RawStep>(&step.what))
      if (!speaks_h2(script.role, step.link.end)) append(all, raw->octets);
  return all;
}
Octets websocket_in(const script::Script& script) {
  Octets all;
  for (const auto& step : script.steps)
    if (const auto* one = std::get_if<script::WebSocketStep>(&step.what)) {
      ws::Frame frame{.fin = one->fin, .rsv = one->rsv, .opcode = one->opcode, .mask = {}, .payload = one->payload};
      if (one->masked) frame.mask = {1, 2, 3, 4};
      append(all, ws::serialise(frame));
    }
  return all;
}
// "Upgrade:" of each line, "HTTP/1.1 101"; "81 85" of a frame.
Features lines_of(OctetView head) {
  Features features;
  for (const auto line : split(as_text(head), '\n'))
    features.emplace(line.substr(0, std::min(line.find(' '), std::size_t{40})));
  return features;
}

class SessionSeeds {
 public:
  explicit SessionSeeds(const fs::path& seeds)
      : server_(seeds / "session_server"),
        client_(seeds / "session_client"),
        proxy_(seeds / "session_proxy"),
        forms_(seeds / "script_forms"),
        translation_(seeds / "translation"),
        sections_(seeds / "field_sections"),
        hpack_(seeds / "hpack_codec"),
        heads_(seeds / "http1_heads"),
        websocket_(seeds / "websocket_frames") {}

  void add(const std::string& id, const script::Script& script) {
    const auto octets = encode(script);
    const auto features = steps_of(script), fields = fields_of(script);
    const bool front = has(script.role, script::End::front), behind = has(script.role, script::End::behind);
    (front && behind ? proxy_ : front ? server_ : client_).offer(id, as_text(octets), features);
    forms_.offer(id, as_text(octets), features);
    forms_.offer(id + ".text", print(script), {"text", script.greets ? "greets" : "mute"});
    const auto heads = heads_in(script), frames = websocket_in(script);
    auto both = lines_of(heads);
    both.insert(fields.begin(), fields.end());
    translation_.offer(id, as_text(octets), both);
    sections_.offer(id, as_text(octets), fields);
    hpack_.offer(id, as_text(octets), features);
    heads_.offer(id, as_text(heads), lines_of(heads));
    if (!frames.empty()) websocket_.offer(id, as_text(frames), {hex(OctetView(frames).first(2))});
  }
  std::string summary() const {
    std::string all;
    for (const auto* folder :
         {&server_, &client_, &proxy_, &forms_, &translation_, &sections_, &hpack_, &heads_, &websocket_})
      all += folder->summary();
    return all;
  }

 private:
  Folder server_, client_, proxy_, forms_, translation_, sections_, hpack_, heads_, websocket_;
};

// Written by hand: short exchanges that succeed, also by themselves for fuzz/planted.sh. False: one is wrong.
bool add_scripts(const fs::path& folder, const fs::path& seeds, SessionSeeds& sessions) {
  Folder server(seeds / "short_server"), client(seeds / "short_client"), proxy(seeds / "short_proxy");
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  for (const auto& file : files) {
    const auto script = script::parse(read_file(file.string()));
    if (!script) return std::fprintf(stderr, "%s: %s\n", file.c_str(), script.error().text.c_str()), false;
    const auto name = file.stem().string();
    sessions.add(name, *script);
    const bool front = has(script->role, script::End::front), behind = has(script->role, script::End::behind);
    (front && behind ? proxy : front ? server : client).offer(name, as_text(encode(*script)), {name});
  }
  return true;
}

int make_seeds(const std::string& cases, const fs::path& scripts, const fs::path& seeds) {
  const auto suite = load_suite(cases);
  if (!suite) return std::fprintf(stderr, "%s\n", suite.error().text.c_str()), 2;
  Folder offers(seeds / "offer_grammar"), frames(seeds / "frame_codec"), same(seeds / "frames_as_nghttp2"),
      files(seeds / "case_loader"), targets(seeds / "target_loader"), reports(seeds / "junit_writer");
  for (const auto& entry : fs::directory_iterator(fs::path(cases) / "targets"))
    if (entry.path().extension() == ".xml") {
      const auto text = read_file(entry.path().string());
      targets.offer(entry.path().stem().string(), text, elements_of(text));
    }
  SessionSeeds sessions(seeds);
  if (!add_scripts(scripts, seeds, sessions)) return 2;
  for (const auto& one : suite->cases) {
    if (const auto script = script::script_of(one, script::role_of(one))) sessions.add(one.id, *script);
    if (script::role_of(one) != script::Role::server) continue;
    add_offers(one, offers);
    add_conversation(one, suite->registry, frames);
    add_conversation(one, suite->registry, same);
    reports.offer(one.id, one.source, {cat(one.source.size() / 300)});
    add_case(one, files);
  }
  std::fputs(sessions.summary().c_str(), stdout);
  for (const auto* folder : {&offers, &frames, &same, &files, &targets, &reports})
    std::fputs(folder->summary().c_str(), stdout);
  return 0;
}

}  // namespace
}  // namespace upspec

int main(int count, char** words) {
  if (count != 4) return std::fputs("usage: make_seeds CASES SCRIPTS SEEDS\n", stderr), 2;
  return upspec::make_seeds(words[1], words[2], words[3]);
}
