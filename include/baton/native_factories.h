// Makers of the parts that a program adds to Baton's own.
#pragma once

#include "baton/native_work.h"
#include "baton/options.h"
#include "baton/processor.h"
#include "baton/reader.h"
#include "baton/result.h"
#include "baton/row_writer.h"

#include <functional>
#include <memory>

namespace baton {

// Each makes a part for the options that the configuration gives. It is called whenever a configuration is read, to
// check the options, and for each run of a step, by any thread and by several at a time: it looks at the options and at
// nothing outside; files and connections are opened by the part's open(). `invalid`, naming the option, for options
// that it cannot use: the message is shown with file, line and column. An exception counts as `invalid`.
using ReaderFactory = std::function<Result<std::unique_ptr<Reader>>(const Options& options)>;
using ProcessorFactory = std::function<Result<std::unique_ptr<Processor>>(const Options& options)>;
using WriterFactory = std::function<Result<std::unique_ptr<RowWriter>>(const Options& options)>;
using StepFactory = std::function<Result<NativeWork>(const Options& options)>;

}  // namespace baton
