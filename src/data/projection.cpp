#include "data/projection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <numeric>

namespace baton {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

tl::unexpected<Error> refuse(std::string_view operation, const std::string& what, const Names& inputs) {
  return fail(ErrorKind::invalid,
              fmt::format("{}: {}; the columns that arrive are: {}", operation, what, fmt::join(inputs, ", ")));
}

class Rename final : public Processor {
 public:
  explicit Rename(std::vector<std::pair<std::string, std::string>> from_to) : from_to_(std::move(from_to)) {}

  Names inputs_for(const Names& outputs) const override {
    Names inputs;
    for (const auto& [from, to] : from_to_) inputs.push_back(from);
    for (const std::string& name : outputs) {
      const bool is_made =
          std::any_of(from_to_.begin(), from_to_.end(), [&](const auto& p) { return p.second == name; });
      if (!is_made && !contains(inputs, name)) inputs.push_back(name);
    }
    return inputs;
  }

  Result<Names> bind(const Names& inputs) override {
    Names outputs = inputs;
    std::vector<bool> renamed(inputs.size());
    for (const auto& [from, to] : from_to_) {
      const auto at = static_cast<std::size_t>(std::find(inputs.begin(), inputs.end(), from) - inputs.begin());
      if (at == inputs.size()) return refuse("rename", fmt::format("there is no column `{}`", from), inputs);
      if (renamed[at]) return refuse("rename", fmt::format("`{}` is renamed twice", from), inputs);
      renamed[at] = true;
      outputs[at] = to;
    }
    for (const auto& [from, to] : from_to_) {
      if (std::count(outputs.begin(), outputs.end(), to) == 1) continue;
      return refuse("rename", fmt::format("`{}` cannot become `{}`: two columns would have that name", from, to),
                    inputs);
    }
    columns_ = inputs.size();
    return outputs;
  }

  std::vector<std::size_t> passed_columns() const override {
    std::vector<std::size_t> all(columns_);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
  }

  Status apply(RowBatch& /*batch*/) override { return {}; }

 private:
  std::vector<std::pair<std::string, std::string>> from_to_;
  std::size_t columns_ = 0;
};

// Keeps the columns that are listed, or those that are not.
class Selection final : public Processor {
 public:
  Selection(Names listed, bool keep) : listed_(std::move(listed)), keep_(keep) {}

  Names inputs_for(const Names& outputs) const override {
    Names inputs = listed_;
    if (keep_) return inputs;
    std::copy_if(outputs.begin(), outputs.end(), std::back_inserter(inputs),
                 [this](const std::string& name) { return stays(name); });
    return inputs;
  }

  Result<Names> bind(const Names& inputs) override {
    const std::string_view operation = keep_ ? "keep" : "drop";
    for (const std::string& name : listed_) {
      if (!contains(inputs, name)) return refuse(operation, fmt::format("there is no column `{}`", name), inputs);
    }
    kept_.clear();
    Names outputs;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!stays(inputs[i])) continue;
      kept_.push_back(i);
      outputs.push_back(inputs[i]);
    }
    if (outputs.empty()) return refuse(operation, "no column would be left; leave at least one", inputs);
    return outputs;
  }

  std::vector<std::size_t> passed_columns() const override { return kept_; }

  Status apply(RowBatch& batch) override {
    if (kept_.size() == batch.columns) return {};
    // To the left only: a field is read before its place is written.
    Field* to = batch.fields.data();
    for (std::size_t row = 0; row < batch.size(); ++row) {
      for (const std::size_t column : kept_) *to++ = batch.at(row, column);
    }
    batch.columns = kept_.size();
    batch.fields.resize(batch.size() * batch.columns);
    return {};
  }

 private:
  bool stays(const std::string& name) const { return contains(listed_, name) == keep_; }

  Names listed_;
  bool keep_;
  std::vector<std::size_t> kept_;  // numbers of the columns that arrive
};

}  // namespace

std::unique_ptr<Processor> make_rename(std::vector<std::pair<std::string, std::string>> from_to) {
  return std::make_unique<Rename>(std::move(from_to));
}

std::unique_ptr<Processor> make_keep(Names columns) { return std::make_unique<Selection>(std::move(columns), true); }

std::unique_ptr<Processor> make_drop(Names columns) { return std::make_unique<Selection>(std::move(columns), false); }

}  // namespace baton
