#include "report/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/text.hpp"

namespace upspec::report {

namespace {

std::string padded(std::int64_t value, std::size_t width) {
  const std::string digits = cat(value);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

}  // namespace

std::string fixed(double value, int digits) {
  if (!std::isfinite(value) || value < 0) value = 0;
  char text[400];  // the largest double has 309 digits before the point
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits).ptr};
}

std::string iso8601(std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(time - midnight);
  return cat(padded(static_cast<int>(date.year()), 4), '-', padded(static_cast<unsigned>(date.month()), 2), '-',
             padded(static_cast<unsigned>(date.day()), 2), 'T', padded(clock.hours().count(), 2), ':',
             padded(clock.minutes().count(), 2), ':', padded(clock.seconds().count(), 2), 'Z');
}

}  // namespace upspec::report
