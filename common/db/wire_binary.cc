#include "common/db/wire_binary.h"

#include <bit>
#include <stdexcept>
#include <utility>

#include "absl/base/internal/endian.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/ids.h"
#include "common/db/wire_text.h"

namespace pingan::db {
namespace {

// PostgreSQL counts from 2000-01-01.
constexpr int64_t kEpochSeconds = 946'684'800;

// Of an array's head: dimensions, whether there are NULLs, the type; then size and first index.
constexpr size_t kEmptyBytes = 12;
constexpr size_t kHeadBytes = 20;

struct TypeFact {
  absl::string_view name;
  WireType type;
  uint32_t oid;  // of pg_type.dat; fixed
};
constexpr TypeFact kTypes[] = {
    {"text", WireType::kText, 25},
    {"character varying", WireType::kVarchar, 1043},
    {"uuid", WireType::kUuid, 2950},
    {"smallint", WireType::kSmallint, 21},
    {"integer", WireType::kInteger, 23},
    {"bigint", WireType::kBigint, 20},
    {"boolean", WireType::kBool, 16},
    {"double precision", WireType::kDouble, 701},
    {"timestamp with time zone", WireType::kTime, 1184},
    {"date", WireType::kDate, 1082},
    {"bytea", WireType::kBytes, 17},
};

uint32_t OidOf(WireType type) {
  for (const TypeFact& fact : kTypes) {
    if (fact.type == type) return fact.oid;
  }
  return 0;
}

template <class Integer>
void AppendBigEndian(Integer value, std::string& out) {
  char bytes[sizeof value];
  if constexpr (sizeof value == 8) absl::big_endian::Store64(bytes, static_cast<uint64_t>(value));
  if constexpr (sizeof value == 4) absl::big_endian::Store32(bytes, static_cast<uint32_t>(value));
  if constexpr (sizeof value == 2) absl::big_endian::Store16(bytes, static_cast<uint16_t>(value));
  if constexpr (sizeof value == 1) bytes[0] = static_cast<char>(value);
  out.append(bytes, sizeof bytes);
}

int64_t Microseconds(const google::protobuf::Timestamp& time) {
  return (time.seconds() - kEpochSeconds) * 1'000'000 + time.nanos() / 1000;
}

// Of a canonical uuid: lower case.
int HexDigit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

[[noreturn]] void Misfit(absl::string_view what) {
  throw std::invalid_argument(absl::StrCat("a parameter is not a ", what));
}

template <class Integer>
Integer Fitting(int64_t number) {
  if (!std::in_range<Integer>(number)) Misfit("number of its column's size");
  return static_cast<Integer>(number);
}

}  // namespace

std::optional<WireType> WireTypeOf(absl::string_view type) {
  for (const TypeFact& fact : kTypes) {
    if (fact.name == type) return fact.type;
  }
  return std::nullopt;
}

pqxx::binarystring BinaryTime(const google::protobuf::Timestamp& time) {
  std::string bytes;
  AppendBigEndian(Microseconds(time), bytes);
  return {bytes.data(), bytes.size()};
}

BinaryArray::BinaryArray(WireType type, size_t bytes) : type_(type) {
  bytes_.reserve(kHeadBytes + bytes);
  bytes_.resize(kHeadBytes);
}

template <class Integer>
void BinaryArray::Element(Integer value) {
  ++size_;
  AppendBigEndian(int32_t{sizeof value}, bytes_);
  AppendBigEndian(value, bytes_);
}

void BinaryArray::Null() {
  ++size_;
  has_null_ = true;
  AppendBigEndian(int32_t{-1}, bytes_);
}

void BinaryArray::Text(absl::string_view text) {
  switch (type_) {
    case WireType::kText:
    case WireType::kVarchar:
    case WireType::kBytes:
      return Bytes(text);
    case WireType::kUuid:
      return Uuid(text);
    case WireType::kSmallint:
    case WireType::kInteger:
    case WireType::kBigint: {
      int64_t number;
      if (!absl::SimpleAtoi(text, &number)) Misfit("number");
      return Number(number);
    }
    case WireType::kBool:
      return Bool(text == "t");
    case WireType::kDouble: {
      double number;
      if (!absl::SimpleAtod(text, &number)) Misfit("number");
      return Double(number);
    }
    case WireType::kTime: {
      google::protobuf::Timestamp time;
      ParseTimestamp(text, time);
      return Time(time);
    }
    case WireType::kDate: {
      google::type::Date date;
      ParseDate(text, date);
      return Date(date);
    }
  }
}

void BinaryArray::Uuid(absl::string_view text) {
  if (!base::IsUuid(text)) Misfit("uuid");
  ++size_;
  AppendBigEndian(int32_t{16}, bytes_);
  for (size_t at = 0; at < text.size(); at += 2) {
    if (text[at] == '-') ++at;
    bytes_ += static_cast<char>(HexDigit(text[at]) << 4 | HexDigit(text[at + 1]));
  }
}

void BinaryArray::Number(int64_t number) {
  switch (type_) {
    case WireType::kSmallint:
      return Element(Fitting<int16_t>(number));
    case WireType::kInteger:
      return Element(Fitting<int32_t>(number));
    case WireType::kBigint:
      return Element(number);
    default:
      return Text(absl::StrCat(number));
  }
}

void BinaryArray::Bool(bool flag) { Element(static_cast<int8_t>(flag)); }

void BinaryArray::Double(double number) { Element(std::bit_cast<int64_t>(number)); }

void BinaryArray::Time(const google::protobuf::Timestamp& time) { Element(Microseconds(time)); }

void BinaryArray::Date(const google::type::Date& date) {
  const absl::CivilDay day(date.year(), date.month(), date.day());
  Element(static_cast<int32_t>(day - absl::CivilDay(2000, 1, 1)));
}

void BinaryArray::Bytes(absl::string_view bytes) {
  ++size_;
  AppendBigEndian(static_cast<int32_t>(bytes.size()), bytes_);
  bytes_.append(bytes.data(), bytes.size());
}

pqxx::binarystring BinaryArray::Take() && {
  // Without a dimension the head ends before the size.
  std::string head;
  AppendBigEndian(int32_t{size_ == 0 ? 0 : 1}, head);
  AppendBigEndian(int32_t{has_null_}, head);
  AppendBigEndian(OidOf(type_), head);
  AppendBigEndian(size_, head);
  AppendBigEndian(int32_t{1}, head);  // the first index
  bytes_.replace(0, kHeadBytes, head);
  return {bytes_.data(), size_ == 0 ? kEmptyBytes : bytes_.size()};
}

ArrayParameters::ArrayParameters(absl::Span<const WireType> columns, size_t bytes_each) {
  columns_.reserve(columns.size());
  for (const WireType type : columns) columns_.emplace_back(type, bytes_each);
}

BinaryParameters ArrayParameters::Take() && {
  BinaryParameters arrays;
  arrays.reserve(columns_.size());
  for (BinaryArray& column : columns_) arrays.push_back(std::move(column).Take());
  return arrays;
}

}  // namespace pingan::db
