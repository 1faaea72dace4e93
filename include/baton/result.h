// Errors are values. Result<T> is a T or an Error; the macros pass an error up.
#pragma once

#include "baton/error.h"

#include <tl/expected.hpp>
#include <utility>

namespace baton {

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace baton

#define BATON_CONCAT_(a, b) a##b
#define BATON_CONCAT(a, b) BATON_CONCAT_(a, b)

// BATON_TRY(auto rows, read(file)): rows is the value, or the function returns the error.
#define BATON_TRY(declaration, expression) BATON_TRY_(BATON_CONCAT(baton_result_, __COUNTER__), declaration, expression)
#define BATON_TRY_(result, declaration, expression)             \
  auto result = (expression);                                   \
  if (!result) return ::baton::fail(std::move(result).error()); \
  declaration = std::move(result).value()

// BATON_CHECK(save(row)): the same for a Status.
#define BATON_CHECK(expression)                              \
  do {                                                       \
    if (auto baton_status = (expression); !baton_status) {   \
      return ::baton::fail(std::move(baton_status).error()); \
    }                                                        \
  } while (false)
