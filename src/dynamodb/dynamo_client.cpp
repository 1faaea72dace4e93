#include "dynamodb/dynamo_client.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr std::size_t most_keys_a_batch = 100;
constexpr Duration first_wait(25);
constexpr Duration longest_wait(1'000);

// Full jitter: anything up to the wait, which doubles.
Duration backoff(int failures, Random& random) {
  const Duration most = std::min(first_wait * (1 << std::min(failures, 10)), longest_wait);
  return Duration(1 + static_cast<Duration::rep>(below(random, static_cast<std::uint64_t>(most.count()))));
}

bool is_about_credentials(DynamoFault fault) {
  return fault == DynamoFault::expired_credentials || fault == DynamoFault::wrong_credentials;
}

}  // namespace

DynamoClient::DynamoClient(DynamoEndpoint endpoint, std::string table,
                           std::shared_ptr<AwsCredentialsProvider> credentials, Clock& clock, Random& random)
    : endpoint_(std::move(endpoint)),
      table_(std::move(table)),
      place_(fmt::format("DynamoDB table {} in {} ({})", table_, endpoint_.region, endpoint_.url)),
      credentials_(std::move(credentials)),
      clock_(clock),
      random_(random),
      http_(clock) {}

Duration DynamoClient::left(Instant until) const {
  return std::max(Duration::zero(), std::chrono::floor<Duration>(until - clock_.now()));
}

template <class T>
Result<T> DynamoClient::placed(std::string_view operation, Result<T> read) const {
  if (read) return read;
  return fail(read.error().kind, fmt::format("{}: {}: {}", place_, operation, read.error().message));
}

HttpRequest DynamoClient::request(std::string_view operation, const std::string& body,
                                  const std::shared_ptr<const AwsCredentials>& credentials) const {
  HttpRequest request;
  request.url = endpoint_.url + "/";
  request.headers = {{"Content-Type", "application/x-amz-json-1.0"},
                     {"X-Amz-Target", fmt::format("DynamoDB_20120810.{}", operation)}};
  request.body = body;
  request.ca_file = endpoint_.ca_file;
  request.signing = AwsSigning{credentials, endpoint_.region, "dynamodb"};
  return request;
}

std::vector<DynamoClient::Answer> DynamoClient::send(std::span<const HttpRequest> requests, Effect effect,
                                                     Instant until) {
  const bool writes = effect == Effect::writes;
  std::vector<int> failures(requests.size(), 0);
  const auto again = [&](std::size_t index, const HttpAnswer& answer) -> std::optional<Duration> {
    const auto failure = failure_of(answer);
    if (!failure || !may_repeat(failure->fault, writes)) return std::nullopt;
    return backoff(failures[index]++, random_);
  };
  std::vector<Answer> answers;
  answers.reserve(requests.size());
  for (HttpAnswer& answer : http_.send(requests, until, again)) {
    auto failure = failure_of(answer);
    answers.push_back({std::move(answer.body), std::move(failure)});
  }
  return answers;
}

Result<std::vector<DynamoClient::Answer>> DynamoClient::run(std::string_view operation,
                                                            std::span<const std::string> bodies, Effect effect,
                                                            Instant until) {
  auto credentials = credentials_->get(left(until));
  if (!credentials) return fail(credentials.error().kind, fmt::format("{}: {}", place_, credentials.error().message));
  std::vector<HttpRequest> requests;
  requests.reserve(bodies.size());
  for (const std::string& body : bodies) requests.push_back(request(operation, body, *credentials));
  std::vector<Answer> answers = send(requests, effect, until);
  // AWS refused the credentials before it did anything: once more with others. Wrong ones may have been replaced where
  // they come from.
  std::vector<std::size_t> refused;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].failure && is_about_credentials(answers[i].failure->fault)) refused.push_back(i);
  }
  if (refused.empty()) return answers;
  if (!credentials_->renew_instead_of(**credentials)) {
    for (const std::size_t i : refused) {
      DynamoFault& fault = answers[i].failure->fault;
      if (fault == DynamoFault::expired_credentials) fault = DynamoFault::dead_credentials;
    }
    return answers;
  }
  credentials = credentials_->get(left(until));
  if (!credentials) return answers;
  std::vector<HttpRequest> repeated;
  for (const std::size_t i : refused) repeated.push_back(request(operation, bodies[i], *credentials));
  std::vector<Answer> second = send(repeated, effect, until);
  for (std::size_t i = 0; i < refused.size(); ++i) answers[refused[i]] = std::move(second[i]);
  return answers;
}

Result<std::string> DynamoClient::run_one(std::string_view operation, const Result<std::string>& body, Effect effect,
                                          Instant until, DynamoFailure* failure) {
  if (!body) return fail(body.error());
  BATON_TRY(auto answers, run(operation, {&*body, 1}, effect, until));
  Answer& answer = answers.front();
  if (!answer.failure) return std::move(answer.body);
  if (failure != nullptr) *failure = *answer.failure;
  return fail(error_of(*answer.failure, effect == Effect::writes, fmt::format("{}: {}", place_, operation)));
}

Result<std::optional<Item>> DynamoClient::get_item(const Item& key, Duration timeout) {
  BATON_TRY(const std::string body, run_one("GetItem", get_item_body(table_, key), Effect::none, until(timeout)));
  return placed("GetItem", item_in(body));
}

Result<std::vector<Item>> DynamoClient::batch_get(std::span<const Item> keys, Duration timeout) {
  const Instant end = until(timeout);
  std::vector<Item> items;
  std::vector<Item> left_over(keys.begin(), keys.end());
  for (int rounds_without = 0; !left_over.empty();) {
    std::vector<std::string> bodies;
    for (std::size_t at = 0; at < left_over.size(); at += most_keys_a_batch) {
      const std::size_t count = std::min(most_keys_a_batch, left_over.size() - at);
      BATON_TRY(bodies.emplace_back(), batch_get_body(table_, std::span(left_over).subspan(at, count)));
    }
    BATON_TRY(const auto answers, run("BatchGetItem", bodies, Effect::none, end));
    const std::size_t before = left_over.size();
    left_over.clear();
    for (const Answer& answer : answers) {
      if (answer.failure) return fail(error_of(*answer.failure, false, place_ + ": BatchGetItem"));
      BATON_TRY(DynamoBatchPart part, placed("BatchGetItem", batch_part_in(answer.body, table_)));
      std::move(part.items.begin(), part.items.end(), std::back_inserter(items));
      std::move(part.unprocessed.begin(), part.unprocessed.end(), std::back_inserter(left_over));
    }
    if (left_over.empty()) break;
    // Unprocessed is what was throttled.
    rounds_without = left_over.size() < before ? 0 : rounds_without + 1;
    const Instant next = clock_.now() + backoff(rounds_without, random_);
    if (next < end) {
      clock_.wait_until(next, {});
    } else {
      return fail(error_of({DynamoFault::throttled, {}, "keys stay unprocessed"}, false, place_ + ": BatchGetItem"));
    }
  }
  return items;
}

Status DynamoClient::put_item(const DynamoPut& put, Duration timeout) { return put_items({&put, 1}, timeout).front(); }

Status DynamoClient::update_item(const DynamoUpdate& update, Duration timeout) {
  return update_items({&update, 1}, timeout).front();
}

std::vector<Status> DynamoClient::put_items(std::span<const DynamoPut> puts, Duration timeout) {
  std::vector<Result<std::string>> bodies;
  bodies.reserve(puts.size());
  for (const DynamoPut& put : puts) bodies.push_back(put_item_body(table_, put));
  return write_all("PutItem", bodies, timeout);
}

std::vector<Status> DynamoClient::update_items(std::span<const DynamoUpdate> updates, Duration timeout) {
  std::vector<Result<std::string>> bodies;
  bodies.reserve(updates.size());
  for (const DynamoUpdate& update : updates) bodies.push_back(update_item_body(table_, update));
  return write_all("UpdateItem", bodies, timeout);
}

std::vector<Status> DynamoClient::write_all(std::string_view operation, std::span<const Result<std::string>> bodies,
                                            Duration timeout) {
  std::vector<Status> statuses(bodies.size());
  std::vector<std::string> whole;
  std::vector<std::size_t> sent;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    if (!bodies[i]) {
      statuses[i] = fail(bodies[i].error());
      continue;
    }
    whole.push_back(*bodies[i]);
    sent.push_back(i);
  }
  const auto answers = run(operation, whole, Effect::writes, until(timeout));
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (!answers) {
      statuses[sent[i]] = fail(answers.error());
    } else if ((*answers)[i].failure) {
      statuses[sent[i]] = fail(error_of(*(*answers)[i].failure, true, fmt::format("{}: {}", place_, operation)));
    }
  }
  return statuses;
}

Result<std::vector<Item>> DynamoClient::all_pages(std::string_view operation,
                                                  const std::function<Result<std::string>(const Item&)>& body_from,
                                                  Duration timeout, DynamoFailure* failure) {
  const Instant end = until(timeout);
  std::vector<Item> items;
  Item from;
  do {
    BATON_TRY(const std::string body, run_one(operation, body_from(from), Effect::none, end, failure));
    BATON_TRY(DynamoPage page, placed(operation, page_in(body)));
    std::move(page.items.begin(), page.items.end(), std::back_inserter(items));
    from = std::move(page.next);
  } while (!from.empty());
  return items;
}

Result<std::vector<Item>> DynamoClient::scan(Duration timeout, DynamoFailure* failure) {
  return all_pages(
      "Scan", [&](const Item& from) { return scan_body(table_, from); }, timeout, failure);
}

Result<std::vector<Item>> DynamoClient::query(const DynamoQuery& query, Duration timeout) {
  return all_pages(
      "Query", [&](const Item& from) { return query_body(table_, query, from); }, timeout, nullptr);
}

Result<DynamoTable> DynamoClient::create_table(const DynamoKeySchema& keys, Duration timeout) {
  BATON_TRY(const std::string body,
            run_one("CreateTable", create_table_body(table_, keys), Effect::writes, until(timeout)));
  return table_in(body);
}

Result<std::optional<DynamoTable>> DynamoClient::describe_table(Duration timeout) {
  DynamoFailure failure;
  const auto body = run_one("DescribeTable", describe_table_body(table_), Effect::none, until(timeout), &failure);
  if (!body && failure.type == "ResourceNotFoundException") return std::optional<DynamoTable>();
  if (!body) return fail(body.error());
  BATON_TRY(DynamoTable table, table_in(*body));
  return std::optional<DynamoTable>(std::move(table));
}

}  // namespace baton
