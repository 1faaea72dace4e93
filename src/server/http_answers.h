// What is answered to which request. Nothing can be changed over HTTP.
#pragma once

#include "server/observed.h"

#include <string>
#include <string_view>

namespace baton {

struct PageAnswer {
  int status = 200;
  std::string content_type;
  std::string body;
  std::string allow;  // of 405: the methods that there are
};

// `path` without the query.
PageAnswer answer_http(std::string_view method, std::string_view path, const Observed& observed);

}  // namespace baton
