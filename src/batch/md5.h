// MD5 as text: what Spring Batch makes its job keys of. Not for secrets.
#pragma once

#include <string>
#include <string_view>

namespace baton {

// 32 lower-case hexadecimal digits.
std::string md5_hex(std::string_view bytes);

}  // namespace baton
