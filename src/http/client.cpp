#include "http/client.h"

#include "http/pipe_signal.h"
#include "http/transfer.h"

#include <algorithm>
#include <deque>

namespace baton {
namespace {

struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

struct Waiting {
  Instant at;
  std::size_t index;
};

}  // namespace

// One call's requests over one set of connections. Transfers are started as earlier ones end; what is to be sent again
// waits in between without a thread of its own.
class HttpClient::Lane {
 public:
  Lane(const Clock& clock, std::size_t most_at_once, std::uint64_t generation)
      : clock_(clock), most_at_once_(most_at_once), generation_(generation), multi_(curl_multi_init()) {
    // Kept connections: as many as one call may have under way.
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(most_at_once));
  }

  std::uint64_t generation() const { return generation_; }
  bool went_silent() const { return went_silent_; }

  std::vector<HttpAnswer> run(std::span<const HttpRequest> requests, Instant until, const Again& again,
                              const std::stop_token& stop);

 private:
  void start_ready();
  void collect(std::vector<HttpAnswer>& answers, Instant until, const Again& again);
  void break_off(std::vector<HttpAnswer>& answers, bool stopped);
  int wait_ms(Instant until) const;
  std::unique_ptr<HttpTransfer> stop(CURL* handle);

  const Clock& clock_;
  const std::size_t most_at_once_;
  const std::uint64_t generation_;
  bool went_silent_ = false;
  std::vector<std::unique_ptr<HttpTransfer>> spare_;  // outlive multi_ while it may hold their handles
  std::vector<std::unique_ptr<HttpTransfer>> running_;
  std::unique_ptr<CURLM, FreeMulti> multi_;

  std::span<const HttpRequest> requests_;
  Instant until_;
  std::deque<std::size_t> ready_;
  std::vector<Waiting> waiting_;
};

int HttpClient::Lane::wait_ms(Instant until) const {
  Instant next = until;
  for (const Waiting& one : waiting_) next = std::min(next, one.at);
  const auto left = std::chrono::ceil<Duration>(next - clock_.now()).count();
  return static_cast<int>(std::clamp<Duration::rep>(left, 0, 1'000));
}

void HttpClient::Lane::start_ready() {
  const Instant now = clock_.now();
  std::erase_if(waiting_, [&](const Waiting& one) {
    if (one.at <= now) ready_.push_back(one.index);
    return one.at <= now;
  });
  while (!ready_.empty() && running_.size() < most_at_once_) {
    if (spare_.empty()) spare_.push_back(std::make_unique<HttpTransfer>());
    std::unique_ptr<HttpTransfer> transfer = std::move(spare_.back());
    spare_.pop_back();
    const std::size_t index = ready_.front();
    ready_.pop_front();
    transfer->prepare(requests_[index], index, std::chrono::ceil<Duration>(until_ - now));
    curl_multi_add_handle(multi_.get(), transfer->handle());
    running_.push_back(std::move(transfer));
  }
}

std::unique_ptr<HttpTransfer> HttpClient::Lane::stop(CURL* handle) {
  curl_multi_remove_handle(multi_.get(), handle);
  const auto found =
      std::find_if(running_.begin(), running_.end(), [&](const auto& one) { return one->handle() == handle; });
  std::unique_ptr<HttpTransfer> transfer = std::move(*found);
  running_.erase(found);
  return transfer;
}

void HttpClient::Lane::collect(std::vector<HttpAnswer>& answers, Instant until, const Again& again) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;  // `message` ends with its handle
    std::unique_ptr<HttpTransfer> transfer = stop(message->easy_handle);
    const std::size_t index = transfer->index();
    HttpAnswer& answer = answers[index] = transfer->finish(result);
    if (result == CURLE_OPERATION_TIMEDOUT) went_silent_ = true;
    spare_.push_back(std::move(transfer));
    if (!again) continue;
    const std::optional<Duration> wait = again(index, answer);
    if (!wait) continue;
    const Instant at = clock_.now() + *wait;
    if (at < until) waiting_.push_back({at, index});
  }
}

// A name that is being looked up is not waited for at a stop: the system's resolver may take long.
void HttpClient::Lane::break_off(std::vector<HttpAnswer>& answers, bool stopped) {
  while (!running_.empty()) {
    if (stopped) curl_easy_setopt(running_.back()->handle(), CURLOPT_QUICK_EXIT, 1L);
    std::unique_ptr<HttpTransfer> transfer = stop(running_.back()->handle());
    HttpAnswer& answer = answers[transfer->index()] = transfer->finish(CURLE_OPERATION_TIMEDOUT);
    if (stopped) answer.error = "stopped";
    spare_.push_back(std::move(transfer));
    went_silent_ = true;
  }
}

std::vector<HttpAnswer> HttpClient::Lane::run(std::span<const HttpRequest> requests, Instant until, const Again& again,
                                              const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_.get()); });
  HttpAnswer unsent;
  unsent.error = "no time left to send it";
  std::vector<HttpAnswer> answers(requests.size(), unsent);
  requests_ = requests;
  until_ = until;
  for (std::size_t i = 0; i < requests.size(); ++i) ready_.push_back(i);
  while (!(ready_.empty() && waiting_.empty() && running_.empty()) && clock_.now() < until && !stop.stop_requested()) {
    start_ready();
    int still_running = 0;
    curl_multi_perform(multi_.get(), &still_running);
    const std::size_t before = running_.size();
    collect(answers, until, again);
    const bool may_start = running_.size() < before && !ready_.empty();
    if (may_start || (running_.empty() && waiting_.empty())) continue;
    curl_multi_poll(multi_.get(), nullptr, 0, wait_ms(until), nullptr);
  }
  break_off(answers, stop.stop_requested());
  ready_.clear();
  waiting_.clear();
  return answers;
}

HttpClient::HttpClient(const Clock& clock, std::size_t most_at_once) : clock_(clock), most_at_once_(most_at_once) {}

HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Lane> HttpClient::borrow() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) return std::make_unique<Lane>(clock_, most_at_once_, generation_);
  std::unique_ptr<Lane> lane = std::move(idle_.back());
  idle_.pop_back();
  return lane;
}

void HttpClient::give_back(std::unique_ptr<Lane> lane) {
  const std::scoped_lock lock(mutex_);
  // Where one connection is dead without a word, so may be all that are as old.
  if (lane->went_silent() && lane->generation() == generation_) {
    ++generation_;
    idle_.clear();
  }
  if (lane->generation() == generation_) idle_.push_back(std::move(lane));
}

std::vector<HttpAnswer> HttpClient::send(std::span<const HttpRequest> requests, Instant until, const Again& again,
                                         const std::stop_token& stop) {
  const PipeSignalHeld no_signal;
  std::unique_ptr<Lane> lane = borrow();
  std::vector<HttpAnswer> answers = lane->run(requests, until, again, stop);
  give_back(std::move(lane));
  return answers;
}

}  // namespace baton
