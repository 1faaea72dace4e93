// Adds the column `gross` to rows that have `net`. Rows whose `net` is no number become rejects.
#pragma once

#include <baton/options.h>
#include <baton/processor.h>

#include <memory>

// Options: `percent`.
baton::Result<std::unique_ptr<baton::Processor>> make_tax_processor(const baton::Options& options);
