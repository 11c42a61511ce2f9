#include "net/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/text.hpp"

namespace upspec {
namespace {

using namespace std::chrono_literals;
using How = ProcessStatus::How;
using Words = std::vector<std::string>;

Process shell(std::string script, ProcessOptions more = {}) {
  more.command = {"sh", "-c", std::move(script)};
  auto process = Process::start(more);
  if (!process) throw std::runtime_error(process.error().text);
  return std::move(*process);
}

// A pid that a script has printed as "NAME=123".
int printed_pid(const Process& process, const std::string& name) {
  EXPECT_TRUE(process.wait_for_output(name + "=", 5s));
  EXPECT_TRUE(process.wait_for_output("ready", 5s));
  const std::string output = process.output();
  return std::stoi(output.substr(output.find(name + "=") + name.size() + 1));
}

bool runs(int pid) { return kill(pid, 0) == 0; }

// For what ends by itself soon; the reaper of orphans may be someone else's.
bool ends_soon(int pid) {
  for (int i = 0; i < 300; ++i) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, letter;
    if (!(stat >> number >> name >> letter) || letter == "Z" || letter == "X") return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST(Process, SaysHowItExited) {
  const Process process = shell("echo out; echo err >&2; exit 3");
  ASSERT_TRUE(process.wait(5s));
  EXPECT_EQ(process.status(), (ProcessStatus{How::exited, 3}));
  EXPECT_EQ(process.status().text(), "exited with status 3");
  EXPECT_EQ(process.output(), "out\nerr\n");
}

TEST(Process, NamesTheSignalThatKilledIt) {
  const Process process = shell("kill -SEGV $$");
  ASSERT_TRUE(process.wait(5s));
  EXPECT_EQ(process.status().text(), "killed by SIGSEGV (Segmentation fault)");
}

// Its end of a pipe breaks before its parent hears of it.
TEST(Process, SettledStatusWaitsForADyingProgram) {
  for (int i = 0; i < 20; ++i) {
    const std::string fifo = testing::TempDir() + "upspec_process_test_fifo." + std::to_string(getpid());
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    const Process process = shell("exec 9> " + fifo + "; echo ready; read x; kill -SEGV $$");
    const int fd = open(fifo.c_str(), O_RDONLY);
    EXPECT_TRUE(process.settled_status().running() || process.status().number == SIGSEGV);
    char octet = 0;
    EXPECT_EQ(read(fd, &octet, 1), 0);  // the end: it is dying
    EXPECT_EQ(process.settled_status(), (ProcessStatus{How::killed, SIGSEGV}));
    close(fd);
    std::filesystem::remove(fifo);
  }
}

TEST(Process, StatusIsRunningWhileItRuns) {
  const Process process = shell("echo ready; sleep 100");
  EXPECT_TRUE(process.wait_for_output("ready", 5s));
  EXPECT_EQ(process.status().text(), "running");
  EXPECT_FALSE(process.wait(10ms));
}

TEST(Process, WaitingForOutputEndsWithTheProgram) {
  const Process process = shell("echo no");
  EXPECT_FALSE(process.wait_for_output("ready", 60s));
}

TEST(Process, AProgramThatIsNotThereIsOneLine) {
  EXPECT_EQ(Process::start({.command = {"upspec-no-such-program"}}).error().text,
            "upspec-no-such-program: not found in PATH; is it installed?");
  EXPECT_EQ(Process::start({.command = {"/nowhere/x"}}).error().text,
            "/nowhere/x: cannot be run: No such file or directory");
  EXPECT_EQ(Process::start({.command = {"/etc/passwd"}}).error().text, "/etc/passwd: cannot be run: Permission denied");
  EXPECT_EQ(Process::start({.command = {"true"}, .directory = "/nowhere"}).error().text,
            "/nowhere: cannot be entered: No such file or directory");
  EXPECT_EQ(Process::start({.command = {"true"}, .log_file = "/nowhere/log"}).error().text,
            "/nowhere/log: cannot be written: No such file or directory");
}

TEST(Process, GetsItsEnvironmentAndFolder) {
  const Process process =
      shell("echo $UPSPEC_A $HOME; pwd; cat", {.environment = {{"UPSPEC_A", "a b"}, {"HOME", "/h"}}, .directory = "/"});
  ASSERT_TRUE(process.wait(5s));  // cat ends: stdin is /dev/null
  EXPECT_EQ(process.output(), "a b /h\n/\n");
}

TEST(Process, InheritsNoDescriptorOfTheHarness) {
  const int leak = open("/dev/null", O_RDONLY);
  ASSERT_GE(leak, 0);
  const Process process = shell("ls /proc/self/fd");
  ASSERT_TRUE(process.wait(5s));
  EXPECT_EQ(process.output(), "0\n1\n2\n3\n");  // 3 is the folder that ls reads
  close(leak);
}

TEST(Process, InheritsNoSignalMaskOfTheHarness) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const Process process = shell("grep -E 'Sig(Blk|Ign)' /proc/self/status");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(process.wait(5s));
  EXPECT_EQ(process.output(), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST(Process, StopEndsTheWholeGroupInOrder) {
  Process process = shell("trap 'echo bye; exit 0' TERM; sh -c 'echo a=$$; echo ready; sleep 100'& wait");
  const int grandchild = printed_pid(process, "a");
  process.stop(5s);
  EXPECT_EQ(process.status(), (ProcessStatus{How::exited, 0}));
  EXPECT_TRUE(process.output().ends_with("bye\n")) << process.output();
  EXPECT_FALSE(runs(grandchild));
  process.stop(5s);  // again: nothing to do
}

TEST(Process, StopKillsWhatDoesNotListen) {
  Process process = shell("trap '' TERM; echo a=$$; echo ready; while :; do sleep 1; done");
  const int pid = printed_pid(process, "a");
  EXPECT_EQ(pid, process.pid());
  process.stop(50ms);
  EXPECT_EQ(process.status(), (ProcessStatus{How::killed, SIGKILL}));
  EXPECT_FALSE(runs(pid));
}

TEST(Process, StopReachesADaemonThatLeftTheGroup) {
  Process process = shell("setsid sh -c 'echo a=$$; echo ready; sleep 100' & sleep 0.2; exit 0");
  const int daemon = printed_pid(process, "a");
  ASSERT_TRUE(process.wait(10s));
  EXPECT_TRUE(runs(daemon));
  process.stop(2s);
  EXPECT_FALSE(runs(daemon));
}

TEST(Process, DestructionLeavesNothing) {
  int pid = 0;
  {
    Process process = shell("trap '' TERM; echo a=$$; echo ready; while :; do sleep 1; done");
    pid = printed_pid(process, "a");
    Process other = std::move(process);
    EXPECT_TRUE(runs(pid));
  }
  EXPECT_FALSE(runs(pid));
}

// The harness dies by SIGKILL, the thread that started the program is over long before.
TEST(Process, NothingOutlivesAHarnessThatIsKilled) {
  const std::string file = testing::TempDir() + "upspec_process_test." + std::to_string(getpid());
  const pid_t harness = fork();
  if (harness == 0) {
    std::thread([&] {
      static const Process process =
          shell("setsid sleep 100 & echo a=$! b=$$ > " + file + "; mv " + file + " " + file + ".done; wait");
    }).join();
    for (;;) pause();
  }
  std::string a, b;
  for (int i = 0; i < 500 && b.empty(); ++i) {
    std::ifstream(file + ".done") >> a >> b;
    std::this_thread::sleep_for(10ms);
  }
  ASSERT_TRUE(a.starts_with("a=") && b.starts_with("b="));
  std::filesystem::remove(file + ".done");
  const int first = std::stoi(a.substr(2));
  const int second = std::stoi(b.substr(2));
  EXPECT_TRUE(runs(first) && runs(second));
  kill(harness, SIGKILL);
  waitpid(harness, nullptr, 0);
  EXPECT_TRUE(ends_soon(first));
  EXPECT_TRUE(ends_soon(second));
}

TEST(Process, AnotherProcessDoesNotHoldItsPipes) {
  Process first = shell("echo ready; sleep 100");
  const Process second = shell("sleep 100");
  first.stop(1s);
  EXPECT_TRUE(first.wait(0ms));
  EXPECT_TRUE(second.status().running());
}

TEST(Process, KeepsTheEndInMemoryAndAllInTheLog) {
  const std::string log = testing::TempDir() + "upspec_process_test_log." + std::to_string(getpid());
  std::filesystem::remove(log);
  const Process process =
      shell("i=0; while [ $i -lt 20000 ]; do echo line $i of many; i=$((i+1)); done", {.log_file = log});
  ASSERT_TRUE(process.wait(20s));
  EXPECT_EQ(process.output().size(), Process::longest_output);
  EXPECT_TRUE(process.output().ends_with("line 19999 of many\n"));
  std::ostringstream all;
  all << std::ifstream(log).rdbuf();
  EXPECT_TRUE(all.str().starts_with("line 0 of many\n"));
  EXPECT_TRUE(all.str().ends_with(process.output()));
  std::filesystem::remove(log);
}

TEST(Process, FindsAReportThatTheOutputForgot) {
  const Process process = shell("echo 'a.c:12:3: runtime error: signed integer overflow'; yes | head -c 300000");
  ASSERT_TRUE(process.wait(20s));
  ASSERT_TRUE(process.report());
  EXPECT_EQ(process.report()->headline, "UndefinedBehaviorSanitizer: a.c:12:3: runtime error: signed integer overflow");
}

TEST(Process, ManyStartFromManyThreads) {
  std::vector<std::thread> threads;
  threads.reserve(8);
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&right, i] {
      for (int k = 0; k < 5; ++k) {
        const Process process = shell(cat("exit ", i));
        right += process.wait(20s) && process.status() == ProcessStatus{How::exited, i};
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

TEST(FreePort, IsNeverGivenTwiceInARow) {
  EXPECT_NE(free_port(), free_port());
  EXPECT_GE(free_port(), 20000);
}

TEST(SplitCommand, SplitsAsAShellDoes) {
  EXPECT_EQ(split_command("a 'b c' d\\ e \"f \\\" \\n 'g'\" ''  h'i'\"j\"\n k"),
            (Words{"a", "b c", "d e", "f \" \\n 'g'", "", "hij", "k"}));
  EXPECT_EQ(split_command("echo $HOME ~ * | x"), (Words{"echo", "$HOME", "~", "*", "|", "x"}));
}

TEST(SplitCommand, SaysWhatIsOpen) {
  EXPECT_EQ(split_command("a 'b").error().text, "a command has an open ': close it");
  EXPECT_EQ(split_command("a \\").error().text, "a command ends with \\: nothing follows that it could quote");
  EXPECT_EQ(split_command(" \n").error().text, "a command is empty: name a program");
}

}  // namespace
}  // namespace upspec
