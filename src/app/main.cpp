#include "app/program.h"

#include <malloc.h>

int main(int argc, char** argv) {
  // The buffers of loads are made and recycled by several threads: those that are freed go back to the system, instead
  // of staying in pieces in each thread's arena. Once set, the threshold does not grow by itself.
  constexpr int large_bytes = 256 * 1024;
  mallopt(M_MMAP_THRESHOLD, large_bytes);
  return baton::run_program(argc, argv);
}
