// DynamoDB's operations on one table: signed, bounded in time, repeated where that is safe.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "baton/result.h"
#include "dynamodb/credentials_provider.h"
#include "dynamodb/failure.h"
#include "dynamodb/operations.h"
#include "http/client.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace baton {

struct DynamoEndpoint {
  std::string url;  // "https://dynamodb.eu-central-1.amazonaws.com"
  std::string region;
  // PEM of the authorities that its certificate may come from; else the machine's.
  std::optional<std::string> ca_file = std::nullopt;
};

// Thread-safe. Throttling and what was surely not sent is repeated until the timeout, with jittered, doubling waits;
// reads also after 5xx and lost answers. A write whose outcome is unknown is `unknown_outcome`, and never repeated.
// Each error names table, region and endpoint, and the next step.
class DynamoClient {
 public:
  // Clock and random outlive it.
  DynamoClient(DynamoEndpoint endpoint, std::string table, std::shared_ptr<AwsCredentialsProvider> credentials,
               Clock& clock, Random& random);

  const std::string& table() const { return table_; }
  const std::string& place() const { return place_; }

  // A consistent read; no item is an empty optional.
  Result<std::optional<Item>> get_item(const Item& key, Duration timeout);
  // Eventually consistent; keys without an item are left out. Any number of keys, in requests of 100.
  Result<std::vector<Item>> batch_get(std::span<const Item> keys, Duration timeout);
  Status put_item(const DynamoPut& put, Duration timeout);
  Status update_item(const DynamoUpdate& update, Duration timeout);
  // All at once; a status for each, in order.
  std::vector<Status> put_items(std::span<const DynamoPut> puts, Duration timeout);
  std::vector<Status> update_items(std::span<const DynamoUpdate> updates, Duration timeout);
  // Every page, eventually consistent. `failure` says more about an error where it is given.
  Result<std::vector<Item>> scan(Duration timeout, DynamoFailure* failure = nullptr);
  Result<std::vector<Item>> query(const DynamoQuery& query, Duration timeout);

  Result<DynamoTable> create_table(const DynamoKeySchema& keys, Duration timeout);
  // Empty if there is no such table.
  Result<std::optional<DynamoTable>> describe_table(Duration timeout);

 private:
  enum class Effect { none, writes };
  struct Answer {
    std::string body;
    std::optional<DynamoFailure> failure;
  };

  Result<std::vector<Answer>> run(std::string_view operation, std::span<const std::string> bodies, Effect effect,
                                  Instant until);
  Result<std::string> run_one(std::string_view operation, const Result<std::string>& body, Effect effect, Instant until,
                              DynamoFailure* failure = nullptr);
  std::vector<Status> write_all(std::string_view operation, std::span<const Result<std::string>> bodies,
                                Duration timeout);
  std::vector<Answer> send(std::span<const HttpRequest> requests, Effect effect, Instant until);
  Result<std::vector<Item>> all_pages(std::string_view operation,
                                      const std::function<Result<std::string>(const Item&)>& body_from,
                                      Duration timeout, DynamoFailure* failure);
  HttpRequest request(std::string_view operation, const std::string& body,
                      const std::shared_ptr<const AwsCredentials>& credentials) const;
  Instant until(Duration timeout) const { return clock_.now() + timeout; }
  Duration left(Instant until) const;
  template <class T>
  Result<T> placed(std::string_view operation, Result<T> read) const;

  const DynamoEndpoint endpoint_;
  const std::string table_;
  const std::string place_;
  const std::shared_ptr<AwsCredentialsProvider> credentials_;
  Clock& clock_;
  Random& random_;
  HttpClient http_;
};

}  // namespace baton
