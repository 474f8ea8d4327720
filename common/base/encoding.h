// The text of a file that a person uploads, whatever program wrote it.
#ifndef PINGAN_COMMON_BASE_ENCODING_H_
#define PINGAN_COMMON_BASE_ENCODING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace pingan::base {

struct DecodedText {
  std::string utf8;        // without a byte order mark; as far as it could be decoded
  std::string encoding;    // "UTF-8", "GB18030", "UTF-16LE" or "UTF-16BE"
  std::string problem_zh;  // why decoding stopped, with the line; "" when it did not
};

// A byte order mark decides; without one the text is UTF-8 if its bytes are, else GB18030 (of which
// GBK and GB2312 are parts). Two cases are decided by what the text looks like:
//   - Bytes that are mostly UTF-8 of three bytes (Chinese) and a few broken ones are broken UTF-8:
//   GB18030 takes nearly
//     any bytes, so they would become wrong characters without an error.
//   - Valid UTF-8 with two-byte sequences only (accented Latin, Cyrillic) is taken for GB18030: a
//   few Chinese characters
//     in GB18030 can look like that, and a Chinese text in UTF-8 cannot.
// NUL is a problem in any encoding. Thread safe.
DecodedText DecodeText(absl::string_view bytes);

// Line ends (LF, CRLF or CR) in `text`.
int CountLineEnds(absl::string_view text);

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_ENCODING_H_
