// Writes orders to a folder, one file for each batch, named after its idempotency key. A real one would send the key
// with a request, to a service that answers a known key without doing it again.
#pragma once

#include <baton/options.h>
#include <baton/row_writer.h>

#include <memory>

// Options: `folder`, which is made if need be.
baton::Result<std::unique_ptr<baton::RowWriter>> make_outbox_writer(const baton::Options& options);
