// Keyset pages of list methods (AIP-158). README.md says why page tokens are not signed.
#ifndef PINGAN_COMMON_RPC_PAGE_TOKEN_H_
#define PINGAN_COMMON_RPC_PAGE_TOKEN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/ids.h"
#include "google/protobuf/message.h"

namespace pingan::rpc {

struct Page {
  int size;
  // The sort values of the last row of the page before, as the list gave them to NextPageToken;
  // empty for the first page.
  std::vector<std::string> keys;

  // The key where the page begins; on the first page `first`, which stands before every row. Also
  // `first` when that is an id, a day, a moment or a number and the key is none: only a token that
  // its caller made up has such a key, and the column would not take it.
  std::string KeyOr(size_t index, absl::string_view first) const;
};

// What stands before and behind every key of its kind.
inline constexpr char kFirstId[] = "00000000-0000-0000-0000-000000000000";
inline constexpr char kLastId[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";
inline constexpr char kFirstDay[] = "0001-01-01";
inline constexpr char kLastDay[] = "9999-12-31";
inline constexpr char kFirstMoment[] = "0001-01-01 00:00:00+00";
inline constexpr char kLastMoment[] = "9999-12-31 00:00:00+00";

// Reads `page_size` and `page_token` of a list request (both fields must exist). No size, or 0:
// `default_size`; above `max_size`: `max_size`. Refuses a negative size by field, and with
// INVALID_PAGE_TOKEN a token that NextPageToken did not make, or made for a request that differs in
// more than the page's size or token. The keys are positions that the caller sends: bind them as
// parameters beside the tenant's condition, by KeyOr().
absl::StatusOr<Page> ReadPage(const google::protobuf::Message& request, int default_size = 50,
                              int max_size = 200);

// The token that continues `request` behind the row with these sort values; "" (no more pages) when
// `keys` is empty. At most 8 keys of at most 256 bytes, UTF-8 without NUL.
std::string NextPageToken(const google::protobuf::Message& request,
                          const std::vector<std::string>& keys);

// Ends a page of `rows`, which were read up to one more than its size: cuts that one and gives the
// token behind the row before it, or "" when there is none. `keys_of` gives a row's sort values.
template <class Row, class KeysOf>
std::string EndPage(const google::protobuf::Message& request, const Page& page,
                    std::vector<Row>& rows, KeysOf keys_of) {
  if (rows.size() <= static_cast<size_t>(page.size)) return "";
  rows.resize(page.size);
  return NextPageToken(request, keys_of(rows.back()));
}
// The same for rows sorted by the last segment of their name.
template <class Row>
std::string EndPage(const google::protobuf::Message& request, const Page& page,
                    std::vector<Row>& rows) {
  return EndPage(request, page, rows, [](const Row& row) {
    return std::vector<std::string>{std::string(base::LastSegment(row.name()))};
  });
}

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_PAGE_TOKEN_H_
