// An HTTP/1.1 server on a free loopback port, answering as a test says. Connections are kept; each has a thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace baton {

struct ReceivedRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case; of several with a name, the last
  std::vector<std::string> header_names;                    // in lower case, as they came
  std::string body;
  int connection = 0;  // numbered from 1
};

struct GivenReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool close = false;   // close the connection instead of answering
  bool silent = false;  // keep it open and never answer
};

// Thread-safe.
class HttpServer {
 public:
  using Handler = std::function<GivenReply(const ReceivedRequest&)>;  // called by many threads at once

  explicit HttpServer(Handler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }  // made since the beginning
  // Closes every connection; new ones are taken.
  void cut();

 private:
  struct Link {
    int socket = -1;
    std::jthread thread;
  };

  void accept_clients();
  void serve(int socket, int number);
  bool answer(int socket, const ReceivedRequest& request);

  Handler handler_;
  int listening_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> ending_ = false;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::list<Link> links_;
  std::jthread accepting_;
};

}  // namespace baton
