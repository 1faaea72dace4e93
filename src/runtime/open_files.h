// How many files this process may have open: each running job has its connections.
#pragma once

namespace baton {

// Raises the soft limit to the hard one; what it was is given to child processes again, since programs that use
// select() rely on a low one. Call it once, before threads are made. A refusal changes nothing.
void raise_open_files_limit();

// In a child process between fork and exec; async-signal-safe.
void restore_open_files_limit();

}  // namespace baton
