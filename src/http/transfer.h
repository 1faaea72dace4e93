// One HTTP request on its way through libcurl.
#pragma once

#include "base/clock.h"
#include "http/client.h"

#include <curl/curl.h>
#include <memory>
#include <string>
#include <vector>

namespace baton {

// Used by one thread; reusable. Where it lies must not change: libcurl keeps its address.
class HttpTransfer {
 public:
  HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  // `request` outlives the transfer.
  void prepare(const HttpRequest& request, std::size_t index, Duration timeout);
  // What came of it; `result` is libcurl's, or CURLE_OPERATION_TIMEDOUT for one that the caller broke off.
  HttpAnswer finish(CURLcode result);

  CURL* handle() { return handle_.get(); }
  std::size_t index() const { return index_; }

 private:
  struct FreeHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* self);
  static int before_sending(void* self, char*, char*, int, int);
  void set_request(const HttpRequest& request);
  void add_header(const std::string& line);

  std::unique_ptr<CURL, FreeHandle> handle_;
  std::unique_ptr<curl_slist, FreeList> header_lines_;
  std::size_t index_ = 0;
  bool sending_ = false;
  HttpAnswer answer_;
  char error_[CURL_ERROR_SIZE] = {};
};

}  // namespace baton
