#include "common/db/command.h"

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/hash.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace pingan::db {

std::string RequestHash(absl::string_view method, const google::protobuf::Message& request) {
  std::string text = absl::StrCat(method, absl::string_view("\0", 1));
  {
    google::protobuf::io::StringOutputStream stream(&text);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);  // maps have no order of their own
    request.SerializeToCodedStream(&coded);
  }
  return base::Sha256(text).substr(0, 16);
}

absl::Status Command::DecideAgain(UnitOfWork&) {
  return base::Refuse(errors::v1::REQUEST_ID_REUSED);
}

}  // namespace pingan::db
