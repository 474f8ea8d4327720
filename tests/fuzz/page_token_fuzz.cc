// Page tokens: what is accepted was made for this request, and has one spelling.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "common/base/calendar.h"
#include "common/base/ids.h"
#include "common/base/text.h"
#include "common/rpc/page_token.h"
#include "pingan/event/v1/event.pb.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/property.h"

namespace pingan::fuzz {
namespace {

event::v1::ListEventsRequest RequestWith(absl::string_view token) {
  event::v1::ListEventsRequest request;
  request.set_parent("towns/330481003");
  request.set_page_token(std::string(token));
  return request;
}

// Whatever is read, NextPageToken would have written in just this way.
void TryToken(absl::string_view token) {
  if (!base::IsUtf8(token)) return;  // no text of a request
  const auto request = RequestWith(token);
  const absl::StatusOr<rpc::Page> page = rpc::ReadPage(request);
  if (!page.ok()) return RequireRefused(page.status(), "INVALID_PAGE_TOKEN");
  Require(rpc::NextPageToken(request, page->keys) == token, "a token has one spelling", token);
}

// A key that is bound to a column is one that the column takes.
void RequireBindable(const rpc::Page& page, absl::string_view token) {
  for (size_t i = 0; i <= page.keys.size(); ++i) {
    Require(base::IsUuid(page.KeyOr(i, rpc::kLastId)), "an id is one", token);
    Require(base::ParseDay(page.KeyOr(i, rpc::kFirstDay)).has_value(), "a day is one", token);
    const std::string moment = page.KeyOr(i, rpc::kFirstMoment);
    Require(base::ParseDay(moment.substr(0, 10)).has_value() && absl::EndsWith(moment, "+00"),
            "a moment is one", token);
    int64_t number;
    Require(absl::SimpleAtoi(page.KeyOr(i, "0"), &number), "a number is one", token);
  }
}

bool IsKey(absl::string_view key) {
  return key.size() <= 256 && base::IsUtf8(key) && key.find('\0') == absl::string_view::npos;
}

}  // namespace

void TryInput(absl::string_view input) {
  Choices choices(input);
  if (choices.Chance(1, 2)) return TryToken(choices.Rest());

  std::vector<std::string> keys;
  for (size_t count = choices.Below(10); count > 0; --count)
    keys.emplace_back(choices.Bytes(choices.Below(300)));
  const std::string token = rpc::NextPageToken(RequestWith(""), keys);
  const absl::StatusOr<rpc::Page> page = rpc::ReadPage(RequestWith(token));
  if (keys.size() <= 8 && absl::c_all_of(keys, IsKey)) {
    Require(page.ok() && page->keys == keys, "keys come back", token);
  } else {
    RequireRefused(page.status(), "INVALID_PAGE_TOKEN");
  }
  if (page.ok()) RequireBindable(*page, token);
  if (keys.empty()) return;

  auto of_another_filter = RequestWith(token);
  of_another_filter.set_parent("towns/330481004");
  RequireRefused(rpc::ReadPage(of_another_filter).status(), "INVALID_PAGE_TOKEN");
  TryToken(Edited(token, choices));
}

}  // namespace pingan::fuzz
