// Work in processes of its own, for what only several processes can show.
#pragma once

#include <sys/wait.h>
#include <unistd.h>
#include <functional>
#include <vector>

namespace baton {

// Runs `work` in so many processes that begin at the same moment; true if all of them returned 0. They are forked:
// have no threads and nothing of SQLite open meanwhile.
inline bool in_processes(int count, const std::function<int(int)>& work) {
  int begin[2];
  if (pipe(begin) != 0) return false;
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      close(begin[1]);
      char byte = 0;
      while (read(begin[0], &byte, 1) > 0) {
      }
      _exit(work(i));
    }
    children.push_back(child);
  }
  close(begin[0]);
  close(begin[1]);
  bool all_done = true;
  for (const pid_t child : children) {
    int status = 0;
    all_done = waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0 && all_done;
  }
  return all_done;
}

}  // namespace baton
