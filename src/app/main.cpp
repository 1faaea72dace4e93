#include "baton/application.h"

// The program as it is shipped: the library's, without parts of its own.
int main(int argc, char** argv) { return baton::Application().run(argc, argv); }
