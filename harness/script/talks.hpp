// Right talks, made up at random: a client that asks for channels and ordinary things, moves octets, changes windows
// and settings, closes this way or that, and breaks no rule by intent; behind an intermediary an origin that answers,
// on one connection. Mutation starts from these; and bugs that need no broken rule are found by them alone.
#pragma once

#include <string>
#include <vector>

#include "base/random.hpp"
#include "script/duties.hpp"
#include "script/script.hpp"
#include "upgrade/dialect.hpp"

namespace upspec::script {

// What is under test, a server or an intermediary, and what it (or its origin) offers where.
struct Ground {
  Role role = Role::server;
  std::vector<Dialect> dialects;
  std::string scheme = "http";
  std::string authority = "localhost";
  EchoPaths paths;
  h2::FieldSection fields;  // added to every request
};

Script right_talk(const Ground& ground, Random& random);

}  // namespace upspec::script
