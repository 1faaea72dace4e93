#include "tests/interop/java_peer.h"

#include <fmt/format.h>
#include <cstdlib>
#include <memory>
#include <string>

namespace baton {

JavaPeer::JavaPeer(int generation)
    : process_(java_program(fmt::format("{}/batch{}", BATON_INTEROP_PEER, generation), "baton.interop.BatchPeer")) {
  const nlohmann::json hello = ask({{"command", "hello"}});
  if (hello.value("generation", 0) != generation) {
    fmt::print(stderr, "another generation answers: {}\n", hello.dump());
    std::abort();
  }
  fmt::print("Spring Batch {}\n", hello.value("version", ""));
}

JavaPeer& JavaPeer::of_generation(int generation) {
  static std::unique_ptr<JavaPeer> peers[2];
  auto& peer = peers[generation - 5];
  if (!peer) peer = std::make_unique<JavaPeer>(generation);
  return *peer;
}

}  // namespace baton
