#include "tests/doubles/dynalite.h"

#include "dynamodb/lease_store.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"
#include "tests/doubles/given_credentials.h"

#include <fmt/format.h>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace baton {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::abort();
}

}  // namespace

DynamoEndpoint dynalite_endpoint() {
  if (const char* url = std::getenv("BATON_TEST_DYNAMODB"); url != nullptr && *url != '\0') return {url, "eu-test-1"};
  std::ifstream file(BATON_DYNALITE_URL_FILE);
  std::string url;
  if (!std::getline(file, url) || url.empty()) {
    give_up(
        "no dynalite for the tests: run them by ctest, which starts one, or set BATON_TEST_DYNAMODB to the URL that "
        "scripts/dynalite start prints");
  }
  return {url, "eu-test-1"};
}

std::string locks_in_dynamodb(const LockTable& table, const DynamoEndpoint& endpoint, const std::string& more) {
  return "store: dynamodb, dynamodb: { table: " + table.name + ", partition_key: " + table.partition_key +
         ", region: " + endpoint.region + ", endpoint: \"" + endpoint.url + "\"" + more + " }, ";
}

std::shared_ptr<AwsCredentialsProvider> dynalite_credentials() {
  const AwsCredentials any{"test", Redacted<std::string>("test"), std::nullopt, std::nullopt, "the test", true};
  return std::make_shared<GivenCredentials>(std::vector<AwsCredentials>{any});
}

LockTable new_lock_table(LockTable like) {
  SystemClock clock;
  SystemRandom random;
  like.name = "locks-" + hex(random, 16);
  const auto made = make_lock_table(like, dynalite_endpoint(), dynalite_credentials(), clock, random, Duration(30'000));
  if (!made) give_up(made.error().message);
  return like;
}

}  // namespace baton
