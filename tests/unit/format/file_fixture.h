// Files for one test, gone after it, and readers run to their end.
#pragma once

#include "baton/reader.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace baton::test {

class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "/baton_XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string path(const std::string& name) const { return (path_ / name).string(); }

  std::string write(const std::string& name, std::string_view content) const {
    std::ofstream file(path(name), std::ios::binary);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

using Value = std::optional<std::string>;  // none: null
using Row = std::vector<Value>;

struct Content {
  std::vector<std::string> columns;
  std::vector<Row> rows;
  std::vector<std::string> raws;
  std::vector<RowPlace> places;
  std::vector<FieldKind> kinds;
  std::vector<Reject> rejects;
  std::vector<Position> ends;                // of the batches
  std::vector<std::size_t> rows_before_end;  // as many rows came before that position
  std::vector<InputIdentity> identities;     // at the end of each batch, asked at once
  std::uint64_t read = 0;
  std::uint64_t bytes = 0;
};

inline void add_batch(const RowBatch& batch, Content& content) {
  EXPECT_EQ(batch.fields.size(), batch.size() * batch.columns);
  EXPECT_EQ(batch.read, batch.size() + batch.rejects.size());
  for (std::size_t row = 0; row < batch.size(); ++row) {
    Row values;
    for (std::size_t column = 0; column < batch.columns; ++column) {
      const Field& field = batch.at(row, column);
      values.push_back(field.kind == FieldKind::null ? Value() : Value(std::string(batch.view(field))));
      content.kinds.push_back(field.kind);
    }
    content.rows.push_back(std::move(values));
    content.raws.emplace_back(batch.raw(batch.rows[row]));
    content.places.push_back(batch.rows[row]);
  }
  content.rejects.insert(content.rejects.end(), batch.rejects.begin(), batch.rejects.end());
  content.read += batch.read;
  content.bytes += batch.bytes;
}

// From where the reader stands to the end.
inline Status read_rest(Reader& reader, Content& content, const ReadLimits& limits = {}) {
  RowBatch batch;
  for (;;) {
    BATON_TRY(const bool more, reader.read(batch, limits));
    if (!more) break;
    add_batch(batch, content);
    content.ends.push_back(batch.end);
    content.rows_before_end.push_back(content.rows.size());
    BATON_TRY(InputIdentity identity, reader.identity(batch.end));
    content.identities.push_back(std::move(identity));
  }
  EXPECT_EQ(batch.read, 0U);
  EXPECT_TRUE(batch.rows.empty());
  return reader.finish();
}

inline Result<Content> read_all(Reader& reader, const std::vector<std::string>& wanted = {},
                                const ReadLimits& limits = {}) {
  Content content;
  BATON_TRY(content.columns, reader.open(wanted));
  BATON_CHECK(read_rest(reader, content, limits));
  return content;
}

}  // namespace baton::test
