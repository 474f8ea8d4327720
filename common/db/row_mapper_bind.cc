// Binding a row message to the columns of its table.
#include <algorithm>
#include <set>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/db/row_mapper.h"
#include "google/api/resource.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"

namespace pingan::db {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

// One bit per column in the sets of changed columns.
constexpr size_t kMostColumns = 64;

bool IsInteger(absl::string_view type) {
  return type == "smallint" || type == "integer" || type == "bigint";
}

bool HoldsNumber(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_ENUM:
      return true;
    default:
      return false;
  }
}

std::optional<Codec> CodecOfRepeated(const FieldDescriptor& field, absl::string_view type) {
  if (type == "bytea") return Codec::kWire;
  const bool text = field.type() == FieldDescriptor::TYPE_STRING;
  if (text && (type == "text[]" || type == "uuid[]")) return Codec::kTexts;
  if (HoldsNumber(field) && absl::EndsWith(type, "[]") &&
      IsInteger(type.substr(0, type.size() - 2))) {
    return Codec::kNumbers;
  }
  return std::nullopt;
}

std::optional<Codec> CodecOf(const FieldDescriptor& field, absl::string_view type) {
  if (field.is_repeated()) return CodecOfRepeated(field, type);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        return type == "bytea" ? std::optional(Codec::kBytes) : std::nullopt;
      }
      if (type == "text" || type == "character varying" || type == "uuid" || IsInteger(type))
        return Codec::kText;
      return std::nullopt;
    case FieldDescriptor::CPPTYPE_BOOL:
      return type == "boolean" ? std::optional(Codec::kBool) : std::nullopt;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return type == "double precision" ? std::optional(Codec::kDouble) : std::nullopt;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (type == "bytea") return Codec::kMessage;
      if (field.message_type() == google::protobuf::Timestamp::descriptor() &&
          type == "timestamp with time zone") {
        return Codec::kTime;
      }
      if (field.message_type() == google::type::Date::descriptor() && type == "date")
        return Codec::kDate;
      return std::nullopt;
    default:
      return HoldsNumber(field) && IsInteger(type) ? std::optional(Codec::kNumber) : std::nullopt;
  }
}

// The pattern of a resource type as a message or file option says it.
std::string PatternIn(const FileDescriptor& file, absl::string_view type,
                      absl::flat_hash_set<const FileDescriptor*>& seen) {
  if (!seen.insert(&file).second) return "";
  const auto of = [&](const google::api::ResourceDescriptor& resource) -> std::string {
    return resource.type() == type && resource.pattern_size() == 1 ? resource.pattern(0) : "";
  };
  for (int i = 0; i < file.message_type_count(); ++i) {
    std::string pattern = of(file.message_type(i)->options().GetExtension(google::api::resource));
    if (!pattern.empty()) return pattern;
  }
  const auto& options = file.options();
  for (int i = 0; i < options.ExtensionSize(google::api::resource_definition); ++i) {
    std::string pattern = of(options.GetExtension(google::api::resource_definition, i));
    if (!pattern.empty()) return pattern;
  }
  for (int i = 0; i < file.dependency_count(); ++i) {
    std::string pattern = PatternIn(*file.dependency(i), type, seen);
    if (!pattern.empty()) return pattern;
  }
  return "";
}

// The declared pattern of a reference; "" when the field refers to nothing.
absl::StatusOr<std::string> ReferencedPattern(const TableOptions& table,
                                              const FieldDescriptor& field) {
  for (const auto& [name, pattern] : table.references) {
    if (name == field.name()) return pattern;
  }
  const std::string& type = field.options().GetExtension(google::api::resource_reference).type();
  if (type.empty()) return "";
  absl::flat_hash_set<const FileDescriptor*> seen;
  std::string pattern = PatternIn(*field.file(), type, seen);
  if (pattern.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the pattern of ", type, " is not known here: add it to the table's references"));
  }
  return pattern;
}

}  // namespace

std::string Column::Unnested(absl::string_view alias) const {
  return is_array() ? absl::StrCat(Sql(alias), "::", type) : Sql(alias);
}

std::string Column::Sql(absl::string_view alias) const {
  return absl::StrCat(alias, alias.empty() ? "\"" : ".\"", name, "\"");
}

absl::Status RowMapper::Error(absl::string_view column, absl::string_view what) const {
  return absl::FailedPreconditionError(
      absl::StrCat("table ", table_->name(), ", column ", column, ": ", what, " (",
                   table_->prototype().GetDescriptor()->full_name(), ")"));
}

absl::StatusOr<RowMapper> RowMapper::Bind(const Table& table,
                                          const std::vector<ColumnFact>& facts) {
  if (facts.empty())
    return absl::FailedPreconditionError(absl::StrCat("there is no table ", table.name()));
  ASSIGN_OR_RETURN(ResourcePattern pattern, ResourcePattern::Parse(table.options().resource));
  RowMapper mapper(table, std::move(pattern));
  for (const std::string& variable : mapper.pattern_.variables()) {
    const auto fact =
        std::find_if(facts.begin(), facts.end(), [&](auto& f) { return f.name == variable; });
    if (fact == facts.end()) return mapper.Error(variable, "is missing");
    RETURN_IF_ERROR(mapper.BindColumn(*fact));
  }
  for (const ColumnFact& fact : facts) {
    if (mapper.Find(fact.name) == nullptr) RETURN_IF_ERROR(mapper.BindColumn(fact));
  }
  for (Column& column : mapper.columns_) RETURN_IF_ERROR(mapper.BindReference(column));
  RETURN_IF_ERROR(mapper.BindFields());
  return mapper;
}

absl::Status RowMapper::BindColumn(const ColumnFact& fact) {
  const auto& variables = pattern_.variables();
  const auto variable = std::find(variables.begin(), variables.end(), fact.name);
  Column column;
  column.name = fact.name;
  column.type = fact.type;
  column.required = fact.required;
  column.bytewise = fact.bytewise;
  column.key_position = fact.key_position;
  column.field = table_->prototype().GetDescriptor()->FindFieldByName(fact.name);
  if (variable != variables.end()) {
    column.key = static_cast<int>(variable - variables.begin());
    if (fact.key_position == 0)
      return Error(fact.name, "is in the resource's name but not in the primary key");
    if (column.key == 0 && fact.key_position != 1)
      return Error(fact.name, "is the tenant but not first in the primary key");
    if (!column.is_text() && fact.type != "uuid" && fact.type != "date" && !IsInteger(fact.type)) {
      return Error(fact.name, absl::StrCat("cannot be a key of type ", fact.type));
    }
    if (column.field != nullptr && column.field->type() != FieldDescriptor::TYPE_STRING) {
      return Error(fact.name, "is a key, so its field must be a string");
    }
  } else {
    if (fact.key_position != 0)
      return Error(fact.name, "is in the primary key but not in the resource's name");
    if (column.field == nullptr) {
      return fact.required ? Error(fact.name, "is required but there is no such field")
                           : absl::OkStatus();
    }
    const std::optional<Codec> codec = CodecOf(*column.field, fact.type);
    if (!codec.has_value()) {
      return Error(fact.name, absl::StrCat("type ", fact.type, " does not hold a field of type ",
                                           column.field->is_repeated() ? "repeated " : "",
                                           column.field->type_name()));
    }
    column.codec = *codec;
  }
  const std::optional<WireType> wire = WireTypeOf(column.is_array() ? "text" : column.type);
  if (!wire.has_value()) return Error(fact.name, absl::StrCat("has no binary form: ", column.type));
  column.wire = *wire;
  wire_types_.push_back(*wire);
  columns_.push_back(std::move(column));
  if (columns_.size() > kMostColumns)
    return Error(fact.name, absl::StrCat("is one too many: ", kMostColumns, " is the limit"));
  return absl::OkStatus();
}

absl::Status RowMapper::BindReference(Column& column) const {
  if (column.field == nullptr || column.field->type() != FieldDescriptor::TYPE_STRING)
    return absl::OkStatus();
  if (column.key < 0 && column.type != "uuid" && column.type != "uuid[]") return absl::OkStatus();
  absl::StatusOr<std::string> text = ReferencedPattern(table_->options(), *column.field);
  if (!text.ok()) return Error(column.name, text.status().message());
  if (text->empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const ResourcePattern pattern, ResourcePattern::Parse(*text));
  ReferencePrefix prefix;
  const auto& variables = pattern.variables();
  const auto& own = pattern_.variables();
  for (size_t i = 0; i + 1 < variables.size(); ++i) {
    const auto found = std::find(own.begin(), own.end(), variables[i]);
    if (found == own.end()) {
      return Error(column.name, absl::StrCat("a uuid cannot tell the ", variables[i], " of ", *text,
                                             ": store it as text"));
    }
    prefix.keys.push_back(static_cast<int>(found - own.begin()));
  }
  prefix.literals = pattern.literals();
  column.reference = std::move(prefix);
  return absl::OkStatus();
}

absl::Status RowMapper::BindFields() {
  const Descriptor& message = *table_->prototype().GetDescriptor();
  name_ = message.FindFieldByName("name");
  if (name_ == nullptr || name_->type() != FieldDescriptor::TYPE_STRING || name_->is_repeated()) {
    return Error("name", "the row message has no string field `name`");
  }
  const auto& unstored = table_->options().unstored;
  for (const std::string& field : unstored) {
    if (message.FindFieldByName(field) == nullptr)
      return Error(field, "is declared unstored but is no field");
    if (Find(field) != nullptr) return Error(field, "is declared unstored but is a column");
  }
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (field == name_ || Find(field->name()) != nullptr) continue;
    if (std::find(unstored.begin(), unstored.end(), field->name()) == unstored.end()) {
      return Error(field->name(), "is missing: migrate the schema, or declare the field unstored");
    }
    unstored_.push_back(field);
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].key_position > 0) primary_key_.push_back(i);
  }
  std::sort(primary_key_.begin(), primary_key_.end(), [&](size_t a, size_t b) {
    return columns_[a].key_position < columns_[b].key_position;
  });
  return absl::OkStatus();
}

std::string RowMapper::SelectList(absl::string_view alias) const {
  return absl::StrJoin(columns_, ", ",
                       [&](std::string* out, const Column& column) { *out += column.Sql(alias); });
}

const Column* RowMapper::Find(absl::string_view name) const {
  for (const Column& column : columns_) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

}  // namespace pingan::db
