#include "upgrade/channel.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

using S = ChannelState;
using E = ChannelEvent;

S run(std::initializer_list<E> events) {
  S state = S::idle;
  for (const auto event : events) {
    const auto step = after(state, event);
    EXPECT_TRUE(step.legal) << name_of(state);
    state = step.state;
  }
  return state;
}

TEST(Channel, OpensOnTheAcceptAndClosesWhenBothSidesHaveEnded) {
  EXPECT_EQ(run({E::ask, E::accept}), S::open);
  EXPECT_EQ(run({E::ask, E::accept, E::asker_end}), S::asker_ended);
  EXPECT_EQ(run({E::ask, E::accept, E::asker_end, E::answerer_end}), S::closed);
  EXPECT_EQ(run({E::ask, E::accept, E::answerer_end, E::asker_end}), S::closed);
}

TEST(Channel, ARequestThatHasEndedIsAcceptedHalfClosed) {
  const auto state = run({E::ask, E::asker_end, E::accept});
  EXPECT_FALSE(asker_may_send(state));
  EXPECT_TRUE(answerer_may_send(state));
}

TEST(Channel, NoOctetFlowsBeforeTheAcceptOrAfterADecline) {
  for (const auto state : {S::idle, S::asked, S::asked_and_ended, S::declined, S::closed}) {
    EXPECT_FALSE(is_channel(state)) << name_of(state);
  }
}

TEST(Channel, WhatTheTableDoesNotHaveChangesNothing) {
  EXPECT_EQ(after(S::declined, E::accept).state, S::declined);
  EXPECT_FALSE(after(S::declined, E::accept).legal);
  EXPECT_FALSE(after(S::idle, E::accept).legal);
  EXPECT_FALSE(after(S::open, E::ask).legal);
}

}  // namespace
}  // namespace upspec
