// Reading and setting the fields of a row by reflection, where several field types share one column
// type.
#ifndef PINGAN_COMMON_DB_FIELD_ACCESS_H_
#define PINGAN_COMMON_DB_FIELD_ACCESS_H_

#include <cstdint>
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"

namespace pingan::db {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

inline const google::protobuf::Timestamp& TimeIn(const Message& row, const FieldDescriptor* field) {
  return static_cast<const google::protobuf::Timestamp&>(
      row.GetReflection()->GetMessage(row, field));
}
inline google::protobuf::Timestamp& MutableTimeIn(Message& row, const FieldDescriptor* field) {
  return static_cast<google::protobuf::Timestamp&>(
      *row.GetReflection()->MutableMessage(&row, field));
}

inline const google::type::Date& DateIn(const Message& row, const FieldDescriptor* field) {
  return static_cast<const google::type::Date&>(row.GetReflection()->GetMessage(row, field));
}
inline google::type::Date& MutableDateIn(Message& row, const FieldDescriptor* field) {
  return static_cast<google::type::Date&>(*row.GetReflection()->MutableMessage(&row, field));
}

inline const std::string& StringIn(const Message& row, const FieldDescriptor* field) {
  thread_local std::string copied;  // used only by fields that are not stored as std::string
  return row.GetReflection()->GetStringReference(row, field, &copied);
}
inline const std::string& StringIn(const Message& row, const FieldDescriptor* field, int index) {
  thread_local std::string copied;
  return row.GetReflection()->GetRepeatedStringReference(row, field, index, &copied);
}

// Integers of every width, and enums.
int64_t NumberIn(const Message& row, const FieldDescriptor* field);
int64_t NumberIn(const Message& row, const FieldDescriptor* field, int index);
void SetNumber(int64_t number, const FieldDescriptor* field, Message& row);
void AddNumber(int64_t number, const FieldDescriptor* field, Message& row);

// One field of a row, alone, in wire encoding; merging these bytes into a row adds the field.
std::string WireOf(const Message& row, const FieldDescriptor* field);

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_FIELD_ACCESS_H_
