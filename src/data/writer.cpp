#include "data/writer.h"

#include <iterator>
#include <utility>

namespace baton {

Result<WriteTally> TableWriter::write_all(const std::vector<std::unique_ptr<EncodedBatch>>& batches) {
  WriteTally tally;
  for (const auto& batch : batches) {
    BATON_TRY(WriteTally one, write(*batch));
    tally.written += one.written;
    tally.filtered += one.filtered;
    std::move(one.rejects.begin(), one.rejects.end(), std::back_inserter(tally.rejects));
  }
  return tally;
}

}  // namespace baton
