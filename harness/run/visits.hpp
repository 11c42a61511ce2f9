// What a browser's page is to do, and what it says of it: a list between the thread that plays the cases and the one
// that serves the page. It knows no case and no connection.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace upspec {

// {"https://127.0.0.1:40017/echo", "websocket", "hello"}
struct VisitCall {
  std::string url;
  std::string protocol;  // as of --client-protocols
  std::string message;
};

// Functions may be called from any thread.
class Visits {
 public:
  // Called once, with the list locked: it hands the word on and returns.
  using Said = std::function<void(bool success, std::string saw)>;

  // One that is listed for as long as this lives. Afterwards the page's word on it reaches nobody.
  class Visit {
   public:
    Visit(Visits& visits, std::size_t number) : visits_(visits), number_(number) {}
    ~Visit() { visits_.forget(number_); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    Visits& visits_;
    std::size_t number_;
  };
  std::unique_ptr<Visit> ask_for(VisitCall call, Said said);

  // ---- the page's side
  struct Next {
    std::size_t number;
    VisitCall call;
  };
  // Each visit once, in their order. That somebody asks shows that the page is there.
  std::optional<Next> next();
  void said(std::size_t number, bool success, std::string saw);

  // False: no page within that time.
  bool wait_for_page(std::chrono::milliseconds at_most);
  void page_is_gone();

 private:
  struct Entry {
    VisitCall call;
    Said said;
    bool given = false;
  };
  void forget(std::size_t number);

  std::mutex mutex_;
  std::condition_variable page_came_;
  std::map<std::size_t, Entry> entries_;
  std::size_t last_ = 0;
  bool page_ = false;
};

}  // namespace upspec
