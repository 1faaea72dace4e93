#include "app/program.h"

int main(int argc, char** argv) { return baton::run_program(argc, argv); }
