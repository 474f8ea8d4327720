// Who calls, as their token proved it, and what their call carries along.
#ifndef PINGAN_COMMON_RPC_CALLER_H_
#define PINGAN_COMMON_RPC_CALLER_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/obs/trace.h"

namespace pingan::rpc {

// A user, a service, a service acting for a user, or nobody (all empty) where a method is open.
// What a caller may do is not here: grants are rows, and rules ask for them.
struct Caller {
  // The user's login: a UUID. Empty when no user is behind the call.
  std::string account;
  // The user's membership of a town, `towns/{town}/people/{person}`; empty before they registered
  // in one.
  std::string person;
  // The calling service, `services/event`; empty when the user calls directly.
  std::string service;
  // The user's network address as the edge saw it; empty when unknown.
  std::string address;

  bool is_user() const { return !account.empty(); }

  // Whom the change log and the requests table name.
  std::string actor() const {
    if (!person.empty()) return person;
    if (!account.empty()) return absl::StrCat("accounts/", account);
    return service.empty() ? std::string("anyone") : service;
  }
};

// One call on its way through a handler. Lives until the call is answered.
struct Call {
  Caller caller;
  // The answer is worth nothing after this.
  absl::Time deadline = absl::InfiniteFuture();
  obs::TraceContext trace;
  // `pingan.event.v1.EventService.PublishEvent`.
  absl::string_view method;
};

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_CALLER_H_
