#include "orders_reader.h"

#include <baton/rows.h>

namespace {

class OrdersReader final : public baton::Reader {
 public:
  OrdersReader(std::int64_t from, std::int64_t to) : from_(from), count_(static_cast<std::uint64_t>(to - from + 1)) {}

  baton::Result<std::vector<std::string>> open(const std::vector<std::string>& /*wanted*/) override {
    next_ = 0;
    return std::vector<std::string>{"id", "net"};
  }

  // Everything that tells this input from another one: a run whose rows are committed goes on only with the same.
  baton::Result<baton::InputIdentity> identity(const baton::Position& end) override {
    if (end.record > count_) return baton::fail(baton::ErrorKind::invalid, "there are fewer orders than before");
    return baton::InputIdentity{"orders from " + std::to_string(from_), 0, 0, ""};
  }

  baton::Status resume(const baton::Position& from) override {
    next_ = from.record;
    return {};
  }

  baton::Result<bool> read(baton::RowBatch& batch, const baton::ReadLimits& limits) override {
    batch.clear();
    batch.columns = 2;
    for (; next_ < count_ && batch.read < limits.rows && batch.text.size() < limits.bytes; ++next_) {
      const std::string id = std::to_string(from_ + static_cast<std::int64_t>(next_));
      baton::begin_row(batch, next_ + 1, id);
      baton::add_field(batch, id, baton::FieldKind::number);
      baton::add_field(batch, id, baton::FieldKind::number);
    }
    // Positions must grow with every record: here the number of records before it is the offset too.
    batch.end.offset = batch.end.record = next_;
    return batch.read > 0;
  }

  baton::Status finish() override { return {}; }
  std::uint64_t size_bytes() const override { return 0; }

 private:
  std::int64_t from_;
  std::uint64_t count_;
  std::uint64_t next_ = 0;  // records before the next one
};

}  // namespace

baton::Result<std::unique_ptr<baton::Reader>> make_orders_reader(const baton::Options& options) {
  BATON_CHECK(options.only({"from", "to"}));
  BATON_TRY(const std::int64_t from, options.integer_or("from", 1));
  BATON_TRY(const std::int64_t to, options.integer("to"));
  if (to < from) return baton::fail(baton::ErrorKind::invalid, "the option `to` is below `from`");
  return std::make_unique<OrdersReader>(from, to);
}
