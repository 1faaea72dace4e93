// inet and cidr in COPY BINARY (src/backend/utils/adt/network.c, network_recv).
#pragma once

#include "postgres/copy_buffer.h"
#include "postgres/value_codec.h"

#include <string_view>

namespace baton {

// "192.168.0.1", "10.0.0.0/8", "2001:db8::1/64", written in full. REQUIRES: room for 24 bytes.
ValueRefusal encode_inet(std::string_view text, CopyBuffer& out);
// The same; `range` where bits are set behind the mask.
ValueRefusal encode_cidr(std::string_view text, CopyBuffer& out);

}  // namespace baton
