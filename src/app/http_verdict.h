// What became of a notice or a ping that was sent over HTTP.
#pragma once

#include "baton/result.h"
#include "http/client.h"

#include <string>

namespace baton {

// Success for 2xx. What may pass is `retry`: no answer, too many requests, the receiver's own failures. What the
// receiver refuses for good is `invalid`, with `advice` in the message.
Status http_verdict(const HttpAnswer& answer, const std::string& advice);

}  // namespace baton
