#include "run/selection.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace upspec {
namespace {

bool any_glob(const std::vector<std::string>& globs, std::string_view id, std::string_view short_id) {
  return std::ranges::any_of(
      globs, [&](const std::string& glob) { return matches_glob(id, glob) || matches_glob(short_id, glob); });
}

bool has_word(const std::vector<std::string>& list, std::string_view word) {
  return std::ranges::any_of(list, [&](const std::string& one) { return equal_folded(one, word); });
}

bool has_level(const Filter& filter, const Requirement& requirement) {
  return filter.levels.empty() || has_word(filter.levels, requirement.text.level);
}

// A requirement may stand on several: "seed rfc" is in for either.
bool has_basis(const Filter& filter, const Requirement& requirement) {
  return filter.bases.empty() || std::ranges::any_of(words(requirement.text.basis), [&](std::string_view basis) {
           return has_word(filter.bases, basis);
         });
}

bool checks_asked(const Case& one, const Filter& filter, const Registry& registry) {
  const auto in = [&](const std::string& id) {
    const Requirement* requirement = registry.find(id);
    return requirement != nullptr && has_level(filter, *requirement) && has_basis(filter, *requirement);
  };
  if (!std::ranges::all_of(one.checks, in)) return false;
  return filter.requirements.empty() ||
         std::ranges::any_of(one.checks, [&](const std::string& id) { return has_word(filter.requirements, id); });
}

// FNV-1a: a case stays in its shard when others come and go.
std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char octet : text) hash = (hash ^ static_cast<std::uint8_t>(octet)) * 0x100000001b3;
  return hash;
}

Result<void> check_words(const std::vector<std::string>& given, const std::vector<std::string>& known,
                         std::string_view option) {
  for (const std::string& word : given)
    if (!has_word(known, word)) return fail(cat(option, " ", word, ": not known; one of ", join(known, ", ")));
  return {};
}

Result<void> check_names(const Filter& filter, const Registry& registry) {
  if (auto ok = check_words(filter.levels, {"MUST", "SHOULD"}, "--level"); !ok) return ok;
  if (auto ok = check_words(filter.bases, {"seed", "rfc", "profile"}, "--basis"); !ok) return ok;
  for (const std::string& id : filter.requirements) {
    const auto is_it = [&](const Requirement& one) { return equal_folded(one.text.id, id); };
    if (std::ranges::none_of(registry.all(), is_it))
      return fail(cat("--requirement ", id, ": no such requirement; `upspec list --requirements` lists them"));
  }
  return {};
}

}  // namespace

Result<Shard> parse_shard(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() == 2) {
    const auto index = to_number(parts[0]);
    const auto count = to_number(parts[1]);
    if (index && count && *index >= 1 && *index <= *count) return Shard{*index, *count};
  }
  return fail(cat("--shard ", text, ": not I/N with I from 1 to N, as in --shard 2/5"));
}

Result<std::vector<const Case*>> select_cases(const Suite& suite, const Filter& filter, std::string_view role) {
  if (auto ok = check_names(filter, suite.registry); !ok) return tl::unexpected(ok.error());
  std::vector<const Case*> taken;
  for (const Case& one : suite.cases) {
    if (!role.empty() && one.role != role) continue;
    if (!filter.cases.empty() && !any_glob(filter.cases, one.id, one.short_id)) continue;
    if (any_glob(filter.excludes, one.id, one.short_id)) continue;
    if (!checks_asked(one, filter, suite.registry)) continue;
    if (stable_hash(one.id) % filter.shard.count != filter.shard.index - 1) continue;
    taken.push_back(&one);
  }
  if (taken.empty())
    return fail(
        "no case selected: none meets all of --case, --exclude, --requirement, --level, --basis and --shard "
        "together; `upspec list` shows what there is");
  return taken;
}

bool takes_monitor(const Filter& filter, const Requirement& requirement) {
  const std::string name = "monitor/" + requirement.text.id;
  return has_level(filter, requirement) && has_basis(filter, requirement) && !any_glob(filter.excludes, name, name);
}

}  // namespace upspec
