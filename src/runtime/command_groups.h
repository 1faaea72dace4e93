// The process groups of the commands that run, for a process that leaves without waiting for them (P22).
#pragma once

#include <sys/types.h>

namespace baton {

// Of the whole process; thread-safe. Beyond 1024 at a time a group is not noted: the command itself dies with its
// parent (PR_SET_PDEATHSIG) all the same, but not what it has started.
void note_command_group(pid_t group);
// Before the leader is collected: later its number may be another's. Does not return after kill_command_groups():
// what a command's death means is then not for this process to say any more.
void forget_command_group(pid_t group);

// SIGKILL to all of them. Async-signal-safe. The process must leave at once.
void kill_command_groups();

}  // namespace baton
