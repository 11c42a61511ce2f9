#include "net/sanitizer.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

std::string headline(std::string_view output) {
  const auto report = sanitizer_report(output);
  return report ? report->headline : "";
}

TEST(Sanitizer, ReportsAreRecognised) {
  EXPECT_EQ(headline("==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x1"),
            "AddressSanitizer: heap-use-after-free on address 0x1");
  EXPECT_EQ(headline("x\n==7==ERROR: LeakSanitizer: detected memory leaks\n"), "LeakSanitizer: detected memory leaks");
  EXPECT_EQ(headline("WARNING: ThreadSanitizer: data race (pid=9)\n"), "ThreadSanitizer: data race (pid=9)");
  EXPECT_EQ(headline("==7==WARNING: MemorySanitizer: use-of-uninitialized-value\n"),
            "MemorySanitizer: use-of-uninitialized-value");
  EXPECT_EQ(headline("==7==ERROR: UndefinedBehaviorSanitizer: SEGV on unknown address\n"),
            "UndefinedBehaviorSanitizer: SEGV on unknown address");
  EXPECT_EQ(headline("src/a.cc:1:22: runtime error: null pointer\r\n"),
            "UndefinedBehaviorSanitizer: src/a.cc:1:22: runtime error: null pointer");
  EXPECT_EQ(headline("==7== Invalid read of size 4\n"), "valgrind: Invalid read of size 4");
  EXPECT_EQ(headline("==7== 24 bytes in 1 blocks are definitely lost in loss record 1 of 1\n"),
            "valgrind: 24 bytes in 1 blocks are definitely lost in loss record 1 of 1");
}

TEST(Sanitizer, OtherOutputIsNot) {
  EXPECT_EQ(headline(""), "");
  EXPECT_EQ(headline("\n\n==\n====\n== 7 ==\n==7==\n==7== \n"), "");
  EXPECT_EQ(headline("==7== Memcheck, a memory error detector\n==7== ERROR SUMMARY: 0 errors from 0 contexts\n"), "");
  EXPECT_EQ(headline("==7==WARNING: AddressSanitizer failed to allocate 0x10 bytes\n"), "");
  EXPECT_EQ(headline("panic: runtime error: index out of range [5]\n"), "");  // Go's own; its exit tells
  EXPECT_EQ(headline("GET /?q=AddressSanitizer: x\n"), "");
}

TEST(Sanitizer, AReportEndsWithItsSummary) {
  const auto report = sanitizer_report(
      "before\n==7==ERROR: AddressSanitizer: SEGV\n    #0 f a.c:1\nSUMMARY: AddressSanitizer: SEGV a.c:1\nshadow "
      "bytes\n");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->text,
            "==7==ERROR: AddressSanitizer: SEGV\n    #0 f a.c:1\nSUMMARY: AddressSanitizer: SEGV a.c:1\n");
  EXPECT_TRUE(report->complete);
  EXPECT_FALSE(sanitizer_report("==7==ERROR: AddressSanitizer: SEGV\n    #0 f a.c:1\n")->complete);
}

TEST(Sanitizer, TheFirstReportIsKeptAndBounded) {
  std::string output = "==7==ERROR: AddressSanitizer: first\n";
  while (output.size() < 100'000) output += "    #0 frame\n";
  const auto report = sanitizer_report(output + "==7==ERROR: AddressSanitizer: second\n");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->headline, "AddressSanitizer: first");
  EXPECT_EQ(report->text.size(), SanitizerReport::longest);
  EXPECT_TRUE(report->complete);
}

TEST(Sanitizer, PiecesMakeNoDifference) {
  const std::string output = "a\n==7==ERROR: LeakSanitizer: detected\n  b\nSUMMARY: x\nc\n";
  const auto whole = sanitizer_report(output);
  for (std::size_t size = 1; size < output.size(); ++size) {
    ReportFinder finder;
    for (std::size_t at = 0; at < output.size(); at += size) finder.feed(std::string_view(output).substr(at, size));
    ASSERT_TRUE(finder.report());
    EXPECT_EQ(finder.report()->text, whole->text);
  }
}

TEST(Sanitizer, AnEndlessLineCostsNoMemory) {
  ReportFinder finder;
  for (int i = 0; i < 100; ++i) finder.feed(std::string(10'000, '='));
  finder.feed("\n==7==ERROR: LeakSanitizer: found\n");
  EXPECT_TRUE(finder.report());
}

}  // namespace
}  // namespace upspec
