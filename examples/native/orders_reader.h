// Orders that are made up: order `i` has the id i and costs i euros. A real one would page through a service.
#pragma once

#include <baton/options.h>
#include <baton/reader.h>

#include <memory>

// Options: `from` and `to`, the ids of the first and the last order.
baton::Result<std::unique_ptr<baton::Reader>> make_orders_reader(const baton::Options& options);
