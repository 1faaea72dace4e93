// Whether a program said what a document shows.
#pragma once

#include <string>

namespace baton {

// `…` stands for any text, also for several lines. Times, durations, rates and names of replicas count as equal to each
// other, and so does any number of blanks, since columns are as wide as what they hold.
bool shows(const std::string& shown, const std::string& said);

// As it is compared: for messages.
std::string comparable(const std::string& text);

}  // namespace baton
