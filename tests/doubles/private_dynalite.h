// A dynalite of one test's own: for tables whose names others use too.
#pragma once

#include "tests/doubles/temporary_folder.h"

#include <string>

namespace baton {

// Started at once, from what ctest has installed for the tests marked DYNAMODB; ended with the object. A failure ends
// the test program.
class PrivateDynalite {
 public:
  PrivateDynalite();
  PrivateDynalite(const PrivateDynalite&) = delete;
  PrivateDynalite& operator=(const PrivateDynalite&) = delete;
  ~PrivateDynalite();

  const std::string& url() const { return url_; }

 private:
  TemporaryFolder folder_;
  std::string url_;
};

}  // namespace baton
