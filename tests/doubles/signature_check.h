// AWS Signature Version 4 as a server computes it, from the specification
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
#pragma once

#include "tests/doubles/http_server.h"

#include <string>

namespace baton {

// Empty if the request is signed with this secret, and signs what DynamoDB wants signed; else what is wrong.
std::string signature_fault(const ReceivedRequest& request, const std::string& secret);

}  // namespace baton
