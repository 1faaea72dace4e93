#include "http/transfer.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <mutex>

namespace baton {
namespace {

constexpr std::size_t most_body_bytes = std::size_t{32} << 20;  // DynamoDB's largest answer is 16 MiB

std::once_flag initialized;

CURL* new_handle() {
  std::call_once(initialized, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return curl_easy_init();
}

bool is_loopback(std::string_view url) {
  constexpr std::array<std::string_view, 3> hosts{"://127.", "://localhost", "://[::1]"};
  return std::any_of(hosts.begin(), hosts.end(), [&](auto host) { return url.find(host) != url.npos; });
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

HttpTransfer::HttpTransfer() : handle_(new_handle()) {}

void HttpTransfer::add_header(const std::string& line) {
  curl_slist* longer = curl_slist_append(header_lines_.get(), line.c_str());
  static_cast<void>(header_lines_.release());
  header_lines_.reset(longer);
}

void HttpTransfer::set_request(const HttpRequest& request) {
  CURL* const handle = handle_.get();
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  header_lines_.reset();
  for (const auto& [name, value] : request.headers) add_header(fmt::format("{}: {}", name, value));
  if (request.method == "GET") {
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
    if (request.method != "POST") curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (request.ca_file) curl_easy_setopt(handle, CURLOPT_CAINFO, request.ca_file->c_str());
  if (request.past_proxies || is_loopback(request.url)) curl_easy_setopt(handle, CURLOPT_PROXY, "");
  if (!request.signing) return;
  const AwsCredentials& who = *request.signing->credentials;
  // Not X-Amz-Date: libcurl 7.88 sends that header twice where one is given.
  const std::string kind = fmt::format("aws:amz:{}:{}", request.signing->region, request.signing->service);
  curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, kind.c_str());
  curl_easy_setopt(handle, CURLOPT_USERNAME, who.access_key_id.c_str());
  curl_easy_setopt(handle, CURLOPT_PASSWORD, who.secret_access_key.reveal().c_str());
  if (who.session_token) add_header("X-Amz-Security-Token: " + who.session_token->reveal());
}

void HttpTransfer::prepare(const HttpRequest& request, std::size_t index, Duration timeout) {
  CURL* const handle = handle_.get();
  curl_easy_reset(handle);
  index_ = index;
  sending_ = false;
  answer_ = {};
  error_[0] = '\0';
  set_request(request);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, header_lines_.get());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<Duration::rep>(timeout.count(), 1)));
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPIDLE, 30L);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPINTVL, 10L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "baton");
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, before_sending);
  curl_easy_setopt(handle, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
}

std::size_t HttpTransfer::take_body(char* data, std::size_t size, std::size_t count, void* self) {
  std::string& body = static_cast<HttpTransfer*>(self)->answer_.body;
  if (body.size() + size * count > most_body_bytes) return 0;
  body.append(data, size * count);
  return size * count;
}

std::size_t HttpTransfer::take_header(char* data, std::size_t size, std::size_t count, void* self) {
  const std::string_view line(data, size * count);
  if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    static_cast<HttpTransfer*>(self)->answer_.headers[std::move(name)] = without_blanks(line.substr(colon + 1));
  }
  return line.size();
}

// libcurl sends a request a second time, whatever it does, where a kept connection was closed without an answer. A
// write must not be repeated blindly: the first may have been done.
int HttpTransfer::before_sending(void* self, char*, char*, int, int) {
  return std::exchange(static_cast<HttpTransfer*>(self)->sending_, true) ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

HttpAnswer HttpTransfer::finish(CURLcode result) {
  if (result == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    answer_.outcome = HttpAnswer::Outcome::answered;
    answer_.status = static_cast<int>(status);
    return std::move(answer_);
  }
  answer_.outcome = sending_ ? HttpAnswer::Outcome::no_answer : HttpAnswer::Outcome::not_sent;
  if (result == CURLE_ABORTED_BY_CALLBACK) {
    answer_.error = "the connection was closed before an answer came";
  } else if (result == CURLE_OPERATION_TIMEDOUT) {
    answer_.error = sending_ ? "no answer in time" : "no connection in time";
  } else {
    answer_.error = error_[0] != '\0' ? error_ : curl_easy_strerror(result);
  }
  return std::move(answer_);
}

}  // namespace baton
