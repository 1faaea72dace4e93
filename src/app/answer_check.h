// What native parts answer beside batches, looked at before Baton relies on it.
#pragma once

#include "app/batch_check.h"
#include "baton/native_work.h"
#include "baton/position.h"

#include <cstddef>
#include <string>
#include <vector>

namespace baton {

// The columns that a reader or a processor returns: named, each once, by text that no message breaks at.
Fault names_fault(const std::vector<std::string>& names);

// Reader::native_forms for so many columns.
Fault forms_fault(const std::vector<std::string>& forms, std::size_t columns);

// Processor::passed_columns, where so many columns arrive and leave.
Fault passed_fault(const std::vector<std::size_t>& passed, std::size_t arriving, std::size_t leaving);

Fault identity_fault(const InputIdentity& identity);

// `asked`: a stop was requested, or the lease is lost. A step that stops unasked would begin again at once, for ever.
Fault step_end_fault(StepEnd end, bool asked);

}  // namespace baton
