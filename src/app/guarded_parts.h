// A user's parts behind a guard: an exception becomes an error, and so does an error of a kind that would tell Baton
// something about leases and commits, and an answer that contradicts itself or what it was asked (batch_check.h,
// answer_check.h). What a part says is shown on one line.
#pragma once

#include "baton/native_factories.h"

#include <memory>
#include <string>

namespace baton {

// `what` is for messages: native reader "numbers". Null is `invalid`.
Result<std::unique_ptr<Reader>> guarded(const ReaderFactory& factory, const Options& options, const std::string& what);
Result<std::unique_ptr<Processor>> guarded(const ProcessorFactory& factory, const Options& options,
                                           const std::string& what);
Result<std::unique_ptr<RowWriter>> guarded(const WriterFactory& factory, const Options& options,
                                           const std::string& what);
Result<NativeWork> guarded(const StepFactory& factory, const Options& options, const std::string& what);

}  // namespace baton
