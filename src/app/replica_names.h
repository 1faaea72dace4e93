// Short names of replicas, for tables: ids are HOST-RANDOM.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace baton {

class ReplicaNames {
 public:
  // Short as far as all of `ids` stay apart: "r-1a2b" where there is one host, else "host-1a2b"; an id of another form
  // stays as it is.
  explicit ReplicaNames(const std::vector<std::string>& ids);

  // `id` itself where it was not among them.
  std::string of(const std::string& id) const;

 private:
  std::map<std::string, std::string> short_;  // by id
};

}  // namespace baton
