// A step of its own: adds up what lies in the outbox.
#pragma once

#include <baton/native_factories.h>

// Options: `folder`, and `total`, the file for the sum.
baton::Result<baton::NativeWork> make_receipts_step(const baton::Options& options);
