// Early return on error, for functions and for coroutines.
#ifndef PINGAN_COMMON_BASE_STATUS_MACROS_H_
#define PINGAN_COMMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define PINGAN_CONCAT_(a, b) a##b
#define PINGAN_CONCAT(a, b) PINGAN_CONCAT_(a, b)

// Returns the status of `expression` from the enclosing function unless it is OK.
#define RETURN_IF_ERROR(expression)                                      \
  do {                                                                   \
    if (absl::Status status_ = (expression); !status_.ok()) [[unlikely]] \
      return status_;                                                    \
  } while (false)

// Evaluates a StatusOr; returns its status, or binds its value to `target` (which may declare a
// variable).
#define ASSIGN_OR_RETURN(target, expression) \
  PINGAN_ASSIGN_(return, PINGAN_CONCAT(result_, __LINE__), target, expression)

// The same two inside a coroutine.
#define CO_RETURN_IF_ERROR(expression)                                   \
  do {                                                                   \
    if (absl::Status status_ = (expression); !status_.ok()) [[unlikely]] \
      co_return status_;                                                 \
  } while (false)
#define CO_ASSIGN_OR_RETURN(target, expression) \
  PINGAN_ASSIGN_(co_return, PINGAN_CONCAT(result_, __LINE__), target, expression)

#define PINGAN_ASSIGN_(leave, result, target, expression) \
  auto result = (expression);                             \
  if (!result.ok()) [[unlikely]]                          \
    leave std::move(result).status();                     \
  target = *std::move(result)

#endif  // PINGAN_COMMON_BASE_STATUS_MACROS_H_
