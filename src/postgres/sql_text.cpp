#include "postgres/sql_text.h"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>

namespace baton {
namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// Bytes of characters beyond ASCII are letters to PostgreSQL.
bool begins_word(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool in_word(char c) { return begins_word(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$'; }

std::string lower(std::string_view word) {
  std::string result(word);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return result;
}

class Splitter {
 public:
  explicit Splitter(std::string_view sql) : sql_(sql) {}

  std::vector<SqlStatement> split() {
    while (at_ < sql_.size()) step();
    end_statement();
    return std::move(found_);
  }

 private:
  bool here(std::string_view text) const { return sql_.substr(at_).starts_with(text); }

  void step() {
    const char c = sql_[at_];
    if (is_space(c)) {
      ++at_;
    } else if (here("--")) {
      at_ = std::min(sql_.find('\n', at_), sql_.size());
    } else if (here("/*")) {
      skip_comment();
    } else if (c == ';' && parentheses_ == 0 && bodies_ == 0) {
      end_statement();
      ++at_;
    } else {
      if (!begun_) begin_statement();
      token(c);
      end_ = at_;
    }
  }

  void token(char c) {
    if (c == '\'') {
      skip_quoted('\'', false);
    } else if (c == '"') {
      skip_quoted('"', false);
    } else if (c == '$') {
      skip_dollar();
    } else if (begins_word(c)) {
      word();
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      while (at_ < sql_.size() && in_word(sql_[at_])) ++at_;
    } else {
      if (c == '(') ++parentheses_;
      if (c == ')') parentheses_ = std::max(0, parentheses_ - 1);
      ++at_;
    }
  }

  void skip_comment() {
    int depth = 0;
    do {
      if (here("/*")) {
        ++depth;
        at_ += 2;
      } else if (here("*/")) {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < sql_.size());
  }

  // A doubled quote goes on in the same state, as if it were two texts side by side.
  void skip_quoted(char quote, bool backslashes) {
    for (++at_; at_ < sql_.size() && sql_[at_] != quote; ++at_) {
      if (backslashes && sql_[at_] == '\\') ++at_;
    }
    at_ = std::min(at_ + 1, sql_.size());
    if (backslashes && at_ < sql_.size() && sql_[at_] == quote) skip_quoted(quote, true);
  }

  // $$…$$ or $tag$…$tag$; else a parameter like $1.
  void skip_dollar() {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && in_word(sql_[end]) && sql_[end] != '$') ++end;
    const bool is_tag = end < sql_.size() && sql_[end] == '$' &&
                        (end == at_ + 1 || std::isdigit(static_cast<unsigned char>(sql_[at_ + 1])) == 0);
    if (!is_tag) {
      ++at_;
      return;
    }
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    const std::size_t close = sql_.find(tag, end + 1);
    at_ = close == sql_.npos ? sql_.size() : close + tag.size();
  }

  void word() {
    std::size_t end = at_;
    while (end < sql_.size() && in_word(sql_[end])) ++end;
    std::string text = lower(sql_.substr(at_, end - at_));
    at_ = end;
    if (text == "e" && here("'")) return skip_quoted('\'', true);
    note_body(text);
    words_.push_back(std::move(text));
  }

  // CREATE FUNCTION … BEGIN ATOMIC …; …; END, with CASE … END in it.
  void note_body(const std::string& text) {
    if (parentheses_ > 0 || !creates_routine()) return;
    if (text == "begin" || (text == "case" && bodies_ > 0)) ++bodies_;
    if (text == "end" && bodies_ > 0) --bodies_;
  }

  bool creates_routine() const {
    const auto word = [&](std::size_t i) { return i < words_.size() ? std::string_view(words_[i]) : ""; };
    if (word(0) != "create") return false;
    const std::string_view what = word(1) == "or" && word(2) == "replace" ? word(3) : word(1);
    return what == "function" || what == "procedure";
  }

  void begin_statement() {
    begun_ = true;
    begin_ = end_ = at_;
  }

  void end_statement() {
    if (begun_) found_.push_back({begin_, sql_.substr(begin_, end_ - begin_), std::move(words_)});
    words_.clear();
    begun_ = false;
    parentheses_ = bodies_ = 0;
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  std::vector<SqlStatement> found_;
  bool begun_ = false;  // a statement
  std::size_t begin_ = 0;
  std::size_t end_ = 0;  // of its last token
  std::vector<std::string> words_;
  int parentheses_ = 0;
  int bodies_ = 0;
};

}  // namespace

std::vector<SqlStatement> split_statements(std::string_view sql) { return Splitter(sql).split(); }

bool is_transaction_control(const SqlStatement& statement) {
  const auto word = [&](std::size_t i) {
    return i < statement.words.size() ? std::string_view(statement.words[i]) : std::string_view();
  };
  const std::string_view first = word(0);
  for (const char* const head : {"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"}) {
    if (first == head) return true;
  }
  if (first == "prepare") return word(1) == "transaction";
  if (first != "set") return false;
  if (word(1) == "session" && word(2) == "characteristics") return true;
  const std::string_view setting = word(1) == "local" || word(1) == "session" ? word(2) : word(1);
  return setting.starts_with("transaction");
}

bool is_client_copy(const SqlStatement& statement) {
  const auto& words = statement.words;
  if (words.empty() || words.front() != "copy") return false;
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "stdin" || word == "stdout"; });
}

std::string place_in(std::string_view sql, std::size_t offset) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i < offset && i < sql.size(); ++i) {
    if (sql[i] == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(sql[i]) & 0xc0) != 0x80) {
      ++column;
    }
  }
  return fmt::format("line {}, column {}", line, column);
}

}  // namespace baton
