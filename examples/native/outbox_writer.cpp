#include "outbox_writer.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace {

namespace fs = std::filesystem;

class OutboxWriter final : public baton::RowWriter {
 public:
  explicit OutboxWriter(fs::path folder) : folder_(std::move(folder)) {}

  baton::Status open(const std::vector<std::string>& columns) override {
    columns_ = columns;
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) return baton::fail(baton::ErrorKind::invalid, folder_.string() + ": " + error.message());
    return {};
  }

  baton::Result<std::vector<baton::RowRefusal>> write(const baton::RowBatch& rows,
                                                      const std::string& idempotency_key) override {
    std::string name = idempotency_key;
    std::replace(name.begin(), name.end(), '/', '_');
    const fs::path file = folder_ / (name + ".csv");
    if (fs::exists(file)) return {};  // these very rows are there already
    const fs::path unfinished = file.string() + ".part";
    std::ofstream out(unfinished, std::ios::trunc);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (std::size_t column = 0; column < columns_.size(); ++column) {
        out << (column == 0 ? "" : ",") << rows.view(rows.at(row, column));
      }
      out << '\n';
    }
    out.close();
    std::error_code error;
    if (out) fs::rename(unfinished, file, error);
    // The disk may be full for now only: the chunk is tried again.
    if (!out || error) return baton::fail(baton::ErrorKind::retry, file.string() + " cannot be written");
    return std::vector<baton::RowRefusal>();
  }

 private:
  fs::path folder_;
  std::vector<std::string> columns_;
};

}  // namespace

baton::Result<std::unique_ptr<baton::RowWriter>> make_outbox_writer(const baton::Options& options) {
  BATON_CHECK(options.only({"folder"}));
  BATON_TRY(const std::string folder, options.text("folder"));
  return std::make_unique<OutboxWriter>(folder);
}
