// SQL text of PostgreSQL's, cut into statements as psql does it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// One statement: a piece of the text from its first word on, without the semicolon.
struct SqlStatement {
  std::size_t offset = 0;  // in bytes
  std::string_view text;
  // Keywords and names outside of quotes, comments and dollar quotes, in lower case, in order.
  std::vector<std::string> words;
};

// Semicolons within quotes, dollar quotes, comments (which nest), parentheses and the BEGIN ATOMIC body of a function
// end no statement. Empty statements are left out. Valid as long as `sql`.
std::vector<SqlStatement> split_statements(std::string_view sql);

// BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK, ABORT, SAVEPOINT, RELEASE, PREPARE TRANSACTION, SET TRANSACTION,
// SET SESSION CHARACTERISTICS, SET transaction_….
bool is_transaction_control(const SqlStatement& statement);

// COPY … FROM STDIN or TO STDOUT: its rows would come from, or go to, this program.
bool is_client_copy(const SqlStatement& statement);

// "line 3, column 5" of the byte at `offset`, both from 1, columns in characters.
std::string place_in(std::string_view sql, std::size_t offset);

}  // namespace baton
