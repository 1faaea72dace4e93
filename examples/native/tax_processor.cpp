#include "tax_processor.h"

#include <baton/rows.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class TaxProcessor final : public baton::Processor {
 public:
  explicit TaxProcessor(double percent) : percent_(percent) {}

  std::vector<std::string> inputs_for(const std::vector<std::string>& outputs) const override {
    std::vector<std::string> inputs{"net"};
    for (const std::string& name : outputs) {
      if (name != "gross" && name != "net") inputs.push_back(name);
    }
    return inputs;
  }

  baton::Result<std::vector<std::string>> bind(const std::vector<std::string>& inputs) override {
    const auto net = std::find(inputs.begin(), inputs.end(), "net");
    if (net == inputs.end()) return baton::fail(baton::ErrorKind::invalid, "there is no column `net`");
    net_ = static_cast<std::size_t>(net - inputs.begin());
    std::vector<std::string> outputs = inputs;
    outputs.emplace_back("gross");
    return outputs;
  }

  baton::Status apply(baton::RowBatch& batch) override {
    const std::size_t gross = batch.columns;
    baton::add_columns(batch, 1);
    baton::sift_rows(batch, [&](std::size_t row) {
      const std::string text(batch.view(batch.at(row, net_)));
      const auto net = number(text);
      if (!net) return baton::refuse_row("net", text, "expected a number");
      char written[32];
      const int size = std::snprintf(written, sizeof written, "%.2f", *net * (100 + percent_) / 100);
      baton::set_field(batch, row, gross, {written, static_cast<std::size_t>(size)}, baton::FieldKind::number);
      return baton::keep_row();
    });
    return {};
  }

 private:
  double percent_;
  std::size_t net_ = 0;
};

}  // namespace

baton::Result<std::unique_ptr<baton::Processor>> make_tax_processor(const baton::Options& options) {
  BATON_CHECK(options.only({"percent"}));
  BATON_TRY(const double percent, options.number("percent"));
  return std::make_unique<TaxProcessor>(percent);
}
