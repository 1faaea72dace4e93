#include "app/pings.h"

#include "app/http_verdict.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr Duration longest_request(5'000);
constexpr Duration last_moment(1'000);

using Urls = std::map<std::string, Redacted<std::string>>;  // by subject

Status judge(const HttpAnswer& answer) {
  const bool elsewhere = answer.status >= 300 && answer.status < 400;
  return http_verdict(answer, fmt::format("expected a URL that answers GET with 2xx{}; check this key",
                                          elsewhere ? ", redirections are not followed" : ""));
}

PingHost host_of(const std::string& shown, const Urls& urls, const Clock& clock, const PingLimits& limits) {
  auto client = std::make_shared<HttpClient>(clock, limits.at_once);
  return {shown, [client, urls, &clock](const std::vector<Ping>& pings, const std::stop_token& stop) {
            std::vector<HttpRequest> requests(pings.size());
            for (std::size_t i = 0; i < pings.size(); ++i) {
              requests[i].method = "GET";
              requests[i].url = ping_url(urls.at(pings[i].subject).reveal(), pings[i].kind);
            }
            std::vector<Status> done;
            for (const HttpAnswer& answer : client->send(requests, clock.now() + longest_request, {}, stop)) {
              done.push_back(judge(answer));
            }
            return done;
          }};
}

}  // namespace

std::string ping_url(const std::string& url, PingKind kind) {
  const std::string whole = url.substr(0, url.find('#'));
  if (kind == PingKind::success) return whole;
  const std::size_t query = std::min(whole.find('?'), whole.size());
  std::string path = whole.substr(0, query);
  while (path.ends_with('/')) path.pop_back();
  return path + (kind == PingKind::start ? "/start" : "/fail") + whole.substr(query);
}

Pings::Pings(const Config& config, const Clock& clock, Log& log) : clock_(clock) {
  std::map<std::string, Urls> urls;  // by host
  for (const JobConfig& job : config.jobs) {
    if (job.watch.ping) urls[job.watch.ping->shown].emplace(subject_of(*job.name), job.watch.ping->url);
  }
  if (config.monitoring.ping) urls[config.monitoring.ping->shown].emplace(whole, config.monitoring.ping->url);
  const PingLimits limits;
  for (const auto& [host, of_host] : urls) {
    queues_.push_back(std::make_unique<PingQueue>(
        host_of(host, of_host, clock, limits), clock, [&log](const std::string& text) { log.warn("pings: " + text); },
        limits));
    for (const auto& [subject, url] : of_host) queue_of_[subject] = queues_.back().get();
  }
}

Pings::~Pings() {
  close();
  for (const auto& queue : queues_) queue->wait_until_closed(*closed_ + last_moment);
}

void Pings::close() {
  if (closed_) return;
  closed_ = clock_.now();
  for (const auto& queue : queues_) queue->close();
}

void Pings::tell(const std::string& subject, PingKind kind) {
  const auto queue = queue_of_.find(subject);
  if (queue != queue_of_.end()) queue->second->add({subject, kind});
}

void PingedRun::started(const JobExecution& execution, bool carried_on) {
  pings_.tell_job(job_, PingKind::start);
  inner_.started(execution, carried_on);
}

void PingedRun::finished(const JobExecution& execution) {
  if (execution.status == BatchStatus::completed) pings_.tell_job(job_, PingKind::success);
  if (execution.status == BatchStatus::failed) pings_.tell_job(job_, PingKind::failure);
  inner_.finished(execution);
}

}  // namespace baton
