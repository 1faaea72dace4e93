#include "data/write_reject.h"

#include <utility>

namespace baton {

std::string_view cut_text(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

Reject write_reject(const RowPlace& place, std::string_view raw, std::string column, std::string_view value,
                    std::string reason) {
  Reject reject;
  reject.phase = RejectPhase::write;
  reject.record = place.record;
  reject.line = place.line;
  reject.column = std::move(column);
  reject.value = cut_text(value, max_reject_value_bytes);
  reject.reason = std::move(reason);
  reject.raw = cut_text(raw, max_reject_raw_bytes);
  return reject;
}

}  // namespace baton
