// DynamoDB in the test's own process: its JSON over HTTP for one table, with the faults that a test asks for.
#pragma once

#include "dynamodb/dynamo_client.h"
#include "tests/doubles/http_server.h"

#include <compare>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

namespace baton {

// What happens to a request instead of, or besides, being done.
struct DynamoTrouble {
  enum class What {
    error,           // answered with `status` and `type`, not done
    done_and_error,  // done, and answered so
    lost_request,    // the connection is closed, not done
    lost_answer,     // done, and the connection is closed
    silent,          // nothing comes any more
    spoilt_answer,   // done; the answer does not fit its checksum
    stale_read,      // a Scan or BatchGetItem that shows what was there when `keep_stale` was called
    slow,            // done once the test calls let_go()
  };
  What what = What::error;
  std::string operation;  // "UpdateItem"; empty: any
  int times = 1;          // negative: for ever
  int status = 400;
  std::string type = "ThrottlingException";
  std::string message = "as the test wants it";
};

// Thread-safe. Knows the condition and update expressions of Baton and of the Java lock client. Signatures are checked.
class FakeDynamoDb {
 public:
  explicit FakeDynamoDb(DynamoKeySchema keys = {"key", std::nullopt});

  DynamoEndpoint endpoint() const { return {server_.url(), "eu-test-1"}; }
  std::string table() const { return "locks"; }
  // Signs as this one; requests of any other are refused as UnrecognizedClientException.
  AwsCredentials credentials() const;
  HttpServer& server() { return server_; }

  void next(DynamoTrouble trouble);
  void end_troubles();
  void keep_stale();                 // for stale_read
  void let_go();                     // all that are slow now, and all later ones
  void wait_for_slow(int requests);  // until so many wait
  void set_page_size(std::size_t items) { page_size_ = items; }

  // Items as DynamoDB's JSON; null where there is none.
  nlohmann::json item(const std::string& key);
  void put(const nlohmann::json& item);
  int count(const std::string& operation);  // requests that came, whatever became of them; empty: all
  std::set<std::string> operations();       // that came
  int most_at_once();                       // requests under way together

 private:
  struct Key {
    std::string partition;
    std::string sort;
    auto operator<=>(const Key&) const = default;
  };
  using Items = std::map<Key, nlohmann::json>;

  GivenReply handle(const ReceivedRequest& request);
  GivenReply done(const std::string& operation, const nlohmann::json& said, bool stale);
  std::optional<std::string> key_fault(const nlohmann::json& item, bool whole) const;
  Key key_of(const nlohmann::json& item) const;
  GivenReply page(const nlohmann::json& said, const Items& items) const;
  GivenReply batch(const nlohmann::json& said, const Items& items) const;
  std::optional<DynamoTrouble> trouble_for(const std::string& operation);

  const DynamoKeySchema keys_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Items items_;
  Items stale_;
  std::deque<DynamoTrouble> troubles_;
  std::map<std::string, int> counts_;
  std::size_t page_size_ = 1'000'000;
  int under_way_ = 0;
  int most_at_once_ = 0;
  int slow_ = 0;
  bool let_go_ = false;
  HttpServer server_;
};

}  // namespace baton
