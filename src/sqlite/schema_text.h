// The statements that make the tables. What a version once made stays as it is: what comes later is a version of its
// own.
#pragma once

namespace baton {

extern const char* const spring_batch_tables;
extern const char* const sequence_of_5;
extern const char* const sequence_of_6;
extern const char* const repository_version_1;
extern const char* const repository_version_2;
extern const char* const repository_version_3;
extern const char* const target_tables;

}  // namespace baton
