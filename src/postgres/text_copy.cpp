#include "postgres/text_copy.h"

namespace baton {

void put_copy_text(std::string_view text, CopyBuffer& out) {
  out.reserve(2 * text.size());
  for (const char c : text) {
    switch (c) {
      case '\\': out.put_bytes("\\\\"); break;
      case '\n': out.put_bytes("\\n"); break;
      case '\r': out.put_bytes("\\r"); break;
      case '\t': out.put_bytes("\\t"); break;
      default: out.put_char(c);
    }
  }
}

}  // namespace baton
