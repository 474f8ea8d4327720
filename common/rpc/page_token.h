// Keyset pages of list methods (AIP-158). README.md says why page tokens are not signed.
#ifndef PINGAN_COMMON_RPC_PAGE_TOKEN_H_
#define PINGAN_COMMON_RPC_PAGE_TOKEN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace pingan::rpc {

struct Page {
  int size;
  // The sort values of the last row of the page before, as the list gave them to NextPageToken;
  // empty for the first page.
  std::vector<std::string> keys;
};

// Reads `page_size` and `page_token` of a list request (both fields must exist). No size, or 0:
// `default_size`; above `max_size`: `max_size`. Refuses a negative size by field, and with
// INVALID_PAGE_TOKEN a token that NextPageToken did not make, or made for a request that differs in
// more than the page's size or token. The keys are positions that the caller sends: bind them as
// parameters beside the tenant's condition, parse what is not text.
absl::StatusOr<Page> ReadPage(const google::protobuf::Message& request, int default_size = 50,
                              int max_size = 200);

// The token that continues `request` behind the row with these sort values; "" (no more pages) when
// `keys` is empty. At most 8 keys of at most 256 bytes, UTF-8 without NUL.
std::string NextPageToken(const google::protobuf::Message& request,
                          const std::vector<std::string>& keys);

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_PAGE_TOKEN_H_
