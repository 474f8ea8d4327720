#include "common/db/field_access.h"

#include <memory>

namespace pingan::db {

using google::protobuf::Reflection;

int64_t NumberIn(const Message& row, const FieldDescriptor* field) {
  const Reflection* reflection = row.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(row, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->GetUInt32(row, field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnumValue(row, field);
    default:
      return reflection->GetInt64(row, field);
  }
}

int64_t NumberIn(const Message& row, const FieldDescriptor* field, int index) {
  const Reflection* reflection = row.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetRepeatedInt32(row, field, index);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->GetRepeatedUInt32(row, field, index);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetRepeatedEnumValue(row, field, index);
    default:
      return reflection->GetRepeatedInt64(row, field, index);
  }
}

void SetNumber(int64_t number, const FieldDescriptor* field, Message& row) {
  const Reflection* reflection = row.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(&row, field, static_cast<int32_t>(number));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->SetUInt32(&row, field, static_cast<uint32_t>(number));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->SetEnumValue(&row, field, static_cast<int>(number));
    default:
      return reflection->SetInt64(&row, field, number);
  }
}

void AddNumber(int64_t number, const FieldDescriptor* field, Message& row) {
  const Reflection* reflection = row.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->AddInt32(&row, field, static_cast<int32_t>(number));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->AddUInt32(&row, field, static_cast<uint32_t>(number));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->AddEnumValue(&row, field, static_cast<int>(number));
    default:
      return reflection->AddInt64(&row, field, number);
  }
}

std::string WireOf(const Message& row, const FieldDescriptor* field) {
  const std::unique_ptr<Message> copy(row.New());
  const std::unique_ptr<Message> alone(row.New());
  copy->CopyFrom(row);
  row.GetReflection()->SwapFields(copy.get(), alone.get(), {field});
  return alone->SerializePartialAsString();
}

}  // namespace pingan::db
