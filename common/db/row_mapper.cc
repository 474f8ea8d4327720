#include "common/db/row_mapper.h"

#include <cstdlib>
#include <utility>

#include "absl/base/internal/endian.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/db/field_access.h"
#include "common/db/wire_text.h"

namespace pingan::db {
namespace {

using google::protobuf::Reflection;

// How a value sorts among NULLs, which come last.
constexpr char kPresent = '\x01';
constexpr char kNull = '\x02';

int64_t ParseNumber(absl::string_view text) {
  int64_t number = 0;
  (void)absl::SimpleAtoi(text, &number);
  return number;
}

bool IsCanonicalNumber(absl::string_view text) {
  int64_t number;
  return absl::SimpleAtoi(text, &number) && absl::StrCat(number) == text;
}

bool IsCanonicalDate(absl::string_view text) {
  if (text.size() != 10) return false;
  google::type::Date date;
  ParseDate(text, date);
  return absl::FormatCivilTime(absl::CivilDay(date.year(), date.month(), date.day())) == text;
}

// Whether a column of this type can hold the text, and would give it back as it is.
bool IsCanonical(const Column& column, absl::string_view text) {
  if (column.is_text() || column.type == "text[]") return text.find('\0') == text.npos;
  if (column.type == "uuid" || column.type == "uuid[]") return base::IsUuid(text);
  if (column.type == "date") return IsCanonicalDate(text);
  return IsCanonicalNumber(text);
}

void AppendSigned(int64_t number, std::string& out) {
  char bytes[8];
  absl::big_endian::Store64(bytes, static_cast<uint64_t>(number) ^ (uint64_t{1} << 63));
  out.append(bytes, sizeof bytes);
}

// The id in a reference that Check() let pass, or the bare value.
absl::string_view IdIn(const Column& column, absl::string_view value) {
  return column.reference.has_value() ? base::LastSegment(value) : value;
}

std::string WithPrefix(const Column& column, const Segments& key, absl::string_view id) {
  std::string name;
  if (column.reference.has_value()) column.reference->Append(key, name);
  name.append(id.data(), id.size());
  return name;
}

}  // namespace

void ReferencePrefix::Append(const Segments& key, std::string& out) const {
  for (size_t i = 0; i < keys.size(); ++i) absl::StrAppend(&out, literals[i], key[keys[i]]);
  out += literals.back();
}

std::optional<absl::string_view> ReferencePrefix::Strip(absl::string_view name,
                                                        const Segments& key) const {
  for (size_t i = 0; i < literals.size(); ++i) {
    if (!absl::ConsumePrefix(&name, literals[i])) return std::nullopt;
    if (i < keys.size() && !absl::ConsumePrefix(&name, key[keys[i]])) return std::nullopt;
  }
  return name;
}

bool RowMapper::Split(absl::string_view name, Segments& key) const {
  if (!pattern_.Match(name, key)) return false;
  for (size_t i = 0; i < key.size(); ++i) {
    if (!IsCanonical(columns_[i], key[i])) return false;
  }
  return true;
}

absl::string_view RowMapper::NameOf(const Message& row) const { return StringIn(row, name_); }

void RowMapper::SetKey(const Segments& key, Message& message) const {
  const Reflection* reflection = message.GetReflection();
  for (size_t i = 0; i < key.size(); ++i) {
    const Column& column = columns_[i];
    if (column.field != nullptr)
      reflection->SetString(&message, column.field, WithPrefix(column, key, key[i]));
  }
  reflection->SetString(&message, name_,
                        pattern_.Build(key));  // last: `key` may view the name it had
}

void RowMapper::Read(const pqxx::row& row, int first, Message& message) const {
  Segments key;
  for (size_t i = 0; i < key_size(); ++i) {
    const pqxx::field value = row[first + static_cast<int>(i)];
    key.emplace_back(value.c_str(), value.size());
  }
  SetKey(key, message);
  for (size_t i = key_size(); i < columns_.size(); ++i) {
    const pqxx::field value = row[first + static_cast<int>(i)];
    if (!value.is_null())
      ReadValue(columns_[i], absl::string_view(value.c_str(), value.size()), key, message);
  }
}

void RowMapper::ReadValue(const Column& column, absl::string_view text, const Segments& key,
                          Message& message) const {
  const Reflection* reflection = message.GetReflection();
  switch (column.codec) {
    case Codec::kText:
      return reflection->SetString(&message, column.field, WithPrefix(column, key, text));
    case Codec::kNumber:
      return SetNumber(ParseNumber(text), column.field, message);
    case Codec::kBool:
      return reflection->SetBool(&message, column.field, text == "t");
    case Codec::kDouble:
      return reflection->SetDouble(&message, column.field, std::strtod(text.data(), nullptr));
    case Codec::kTime:
      return ParseTimestamp(text, MutableTimeIn(message, column.field));
    case Codec::kDate:
      return ParseDate(text, MutableDateIn(message, column.field));
    case Codec::kBytes:
      return reflection->SetString(&message, column.field, ParseBytea(text));
    case Codec::kMessage:
      (void)reflection->MutableMessage(&message, column.field)->ParseFromString(ParseBytea(text));
      return;
    case Codec::kWire:
      (void)message.MergeFromString(ParseBytea(text));
      return;
    case Codec::kTexts:
      for (const std::string& element : ParseArray(text)) {
        reflection->AddString(&message, column.field, WithPrefix(column, key, element));
      }
      return;
    case Codec::kNumbers:
      for (const std::string& element : ParseArray(text))
        AddNumber(ParseNumber(element), column.field, message);
      return;
  }
}

bool RowMapper::IsNull(const Column& column, const Message& row) const {
  if (column.key >= 0) return false;
  if (column.codec == Codec::kText && !column.is_text() && StringIn(row, column.field).empty())
    return true;
  return column.field->has_presence() && !row.GetReflection()->HasField(row, column.field);
}

absl::Status RowMapper::CheckText(const Column& column, absl::string_view value,
                                  const Segments& key) const {
  absl::string_view id = value;
  if (column.reference.has_value()) {
    const std::optional<absl::string_view> rest = column.reference->Strip(value, key);
    if (!rest.has_value())
      return Error(column.name, "refers to another place than the row's key can tell");
    id = *rest;
  }
  return IsCanonical(column, id) ? absl::OkStatus()
                                 : Error(column.name, absl::StrCat("is not a ", column.type));
}

absl::Status RowMapper::Check(const Message& row, const Segments& key) const {
  for (size_t i = key_size(); i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    if (IsNull(column, row)) {
      if (column.required) return Error(column.name, "is required and not set");
    } else if (column.codec == Codec::kText) {
      RETURN_IF_ERROR(CheckText(column, StringIn(row, column.field), key));
    } else if (column.codec == Codec::kTexts) {
      const int size = row.GetReflection()->FieldSize(row, column.field);
      for (int at = 0; at < size; ++at)
        RETURN_IF_ERROR(CheckText(column, StringIn(row, column.field, at), key));
    }
  }
  return absl::OkStatus();
}

void RowMapper::Normalise(Message& row) const {
  const Reflection* reflection = row.GetReflection();
  for (const Column& column : columns_) {
    if (column.codec != Codec::kTime || column.key >= 0 || !reflection->HasField(row, column.field))
      continue;
    const int32_t nanos = TimeIn(row, column.field).nanos();
    if (nanos % 1000 != 0) MutableTimeIn(row, column.field).set_nanos(nanos / 1000 * 1000);
  }
  for (const FieldDescriptor* field : unstored_) reflection->ClearField(&row, field);
}

void RowMapper::Append(const Column& column, const Message& row, const Segments& key,
                       BinaryArray& out) const {
  if (column.key >= 0) return out.Text(key[column.key]);
  if (IsNull(column, row)) return out.Null();
  const Reflection* reflection = row.GetReflection();
  switch (column.codec) {
    case Codec::kText:
      return out.Text(IdIn(column, StringIn(row, column.field)));
    case Codec::kNumber:
      return out.Number(NumberIn(row, column.field));
    case Codec::kBool:
      return out.Bool(reflection->GetBool(row, column.field));
    case Codec::kDouble:
      return out.Double(reflection->GetDouble(row, column.field));
    case Codec::kTime:
      return out.Time(TimeIn(row, column.field));
    case Codec::kDate:
      return out.Date(DateIn(row, column.field));
    case Codec::kBytes:
      return out.Bytes(StringIn(row, column.field));
    case Codec::kMessage:
      return out.Bytes(reflection->GetMessage(row, column.field).SerializeAsString());
    case Codec::kWire:
      return out.Bytes(WireOf(row, column.field));
    case Codec::kTexts:
    case Codec::kNumbers: {
      ArrayLiteral elements;
      const int size = reflection->FieldSize(row, column.field);
      for (int i = 0; i < size; ++i) {
        if (column.codec == Codec::kTexts) {
          elements.Text(IdIn(column, StringIn(row, column.field, i)));
        } else {
          elements.Number(NumberIn(row, column.field, i));
        }
      }
      return out.Text(std::move(elements).Take());
    }
  }
}

bool RowMapper::Same(const Column& column, const Message& a, const Message& b) const {
  if (column.key >= 0) return true;
  const bool null = IsNull(column, a);
  if (null != IsNull(column, b)) return false;
  if (null) return true;
  switch (column.codec) {
    case Codec::kText:
    case Codec::kBytes: {
      thread_local std::string copied;
      return a.GetReflection()->GetStringReference(a, column.field, &copied) ==
             StringIn(b, column.field);
    }
    case Codec::kNumber:
      return NumberIn(a, column.field) == NumberIn(b, column.field);
    case Codec::kBool:
      return a.GetReflection()->GetBool(a, column.field) ==
             b.GetReflection()->GetBool(b, column.field);
    case Codec::kTime:
      return TimeIn(a, column.field).seconds() == TimeIn(b, column.field).seconds() &&
             TimeIn(a, column.field).nanos() == TimeIn(b, column.field).nanos();
    default: {
      BinaryArray left(column.wire);
      BinaryArray right(column.wire);
      Append(column, a, {}, left);
      Append(column, b, {}, right);
      return left == right;
    }
  }
}

bool RowMapper::AppendEqual(const Column& column, const Message& row, const Segments& key,
                            std::string& out) const {
  if (column.key >= 0) return absl::StrAppend(&out, key[column.key]), true;
  if (IsNull(column, row)) return false;
  switch (column.codec) {
    case Codec::kText:
      absl::StrAppend(&out, IdIn(column, StringIn(row, column.field)));
      return true;
    case Codec::kNumber:
      absl::StrAppend(&out, NumberIn(row, column.field));
      return true;
    case Codec::kBool:
      out += row.GetReflection()->GetBool(row, column.field) ? 't' : 'f';
      return true;
    case Codec::kTime:
      AppendTimestamp(TimeIn(row, column.field), out);
      return true;
    case Codec::kDate:
      AppendDate(DateIn(row, column.field), out);
      return true;
    default:
      return false;
  }
}

bool RowMapper::AppendEqual(const Column& column, const Value& value, absl::string_view tenant,
                            std::string& out) const {
  if (value.is_null()) return false;
  const std::string* text = value.text();
  if (text == nullptr) return out += value.ToParameter(), true;
  absl::string_view id = *text;
  const bool named =
      (column.key >= 0 || column.reference.has_value()) && absl::StrContains(id, '/');
  if (named) {
    const bool within =
        column.key > 0 || (column.reference.has_value() && column.reference->within_tenant());
    if (within && TenantOf(id) != tenant) return false;
    id = base::LastSegment(id);
  }
  if (column.codec == Codec::kText ? !IsCanonical(column, id) : id.find('\0') != id.npos)
    return false;
  out.append(id.data(), id.size());
  return true;
}

bool RowMapper::HasOrder(const Column& column) {
  switch (column.codec) {
    case Codec::kText:
      return column.bytewise || !column.is_text();
    case Codec::kNumber:
    case Codec::kBool:
    case Codec::kTime:
    case Codec::kDate:
      return true;
    default:
      return false;
  }
}

void RowMapper::AppendOrder(const Column& column, const Message& row, const Segments& key,
                            std::string& out) const {
  if (column.key < 0 && IsNull(column, row)) {
    out += kNull;
    return;
  }
  if (column.codec == Codec::kNumber) {
    out += kPresent;
    return AppendSigned(NumberIn(row, column.field), out);
  }
  std::string text;
  AppendEqual(column, row, key, text);
  AppendOrder(column, text, out);
}

void RowMapper::AppendOrder(const Column& column, absl::string_view value, std::string& out) const {
  out += kPresent;
  const bool number =
      column.codec == Codec::kNumber || (column.codec == Codec::kText && !column.is_text() &&
                                         column.type != "uuid" && column.type != "date");
  if (number) return AppendSigned(ParseNumber(value), out);
  // Texts, and forms of one length whose characters sort as their values do: uuids, times, dates, f
  // and t.
  out.append(value.data(), value.size());
  out += '\0';
}

}  // namespace pingan::db
