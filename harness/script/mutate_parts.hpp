// The parts of the mutator, for each other: mutate.cpp puts them together.
#pragma once

#include <cstddef>
#include <string>

#include "base/random.hpp"
#include "script/script.hpp"

namespace upspec::script {

// Another step in its place, of the same kind.
void mutate_step(Step& step, Random& random);
Step any_step(const Script& script, Random& random);
// On another stream, and now and then on another link.
void retarget(Step& step, Random& random);

// A frame that is right, or wrong in one thing that RFC 6455 names.
WebSocketStep any_websocket(std::uint32_t stream, bool masked, Random& random);
// One more of these on a channel that the script asks for, where there is one.
void say_websocket(Script& script, Random& random);

// A number in the text becomes another one, or itself in another form: a list, signed, with spaces, beyond 2^64.
void change_number(std::string& text, Random& random);

// What a step sends of DATA, as one that was written down: 0 for steps whose octets are counted elsewhere.
std::size_t data_of(const Step& step);
// A section declares so many octets of content: those that follow it on its stream, some of them, or new ones; now
// and then one more or one less, or not as a number.
void change_content(Script& script, Random& random);
// The step at that place had so many octets before it was changed: what was content stays content, and is counted.
void keep_count(Script& script, std::size_t at, std::size_t octets_before);

}  // namespace upspec::script
