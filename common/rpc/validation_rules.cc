#include "common/rpc/validation_rules.h"

#include <cmath>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/calendar.h"
#include "common/base/status_macros.h"
#include "common/rpc/validation_bounds.h"
#include "common/rpc/validation_text.h"

namespace pingan::rpc {
namespace {

using ::buf::validate::FieldRules;
using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumValueDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

using ValueRulesOr = absl::StatusOr<std::unique_ptr<ValueRules>>;

constexpr int64_t kMaxDurationSeconds = 315'576'000'000;  // google/protobuf/duration.proto
constexpr int64_t kNanosPerSecond = 1'000'000'000;

template <class T>
T Read(const Place& at) {
  const Reflection& reflection = *at.message->GetReflection();
  const Message& message = *at.message;
  const bool single = at.index < 0;
  if constexpr (std::is_same_v<T, int32_t>) {
    return single ? reflection.GetInt32(message, at.field)
                  : reflection.GetRepeatedInt32(message, at.field, at.index);
  } else if constexpr (std::is_same_v<T, int64_t>) {
    return single ? reflection.GetInt64(message, at.field)
                  : reflection.GetRepeatedInt64(message, at.field, at.index);
  } else if constexpr (std::is_same_v<T, uint32_t>) {
    return single ? reflection.GetUInt32(message, at.field)
                  : reflection.GetRepeatedUInt32(message, at.field, at.index);
  } else if constexpr (std::is_same_v<T, uint64_t>) {
    return single ? reflection.GetUInt64(message, at.field)
                  : reflection.GetRepeatedUInt64(message, at.field, at.index);
  } else if constexpr (std::is_same_v<T, double>) {
    return single ? reflection.GetDouble(message, at.field)
                  : reflection.GetRepeatedDouble(message, at.field, at.index);
  } else {
    static_assert(std::is_same_v<T, bool>);
    return single ? reflection.GetBool(message, at.field)
                  : reflection.GetRepeatedBool(message, at.field, at.index);
  }
}

template <class T>
class NumberRules final : public ValueRules {
 public:
  Bounds<T> bounds;
  bool finite = false;

  void Check(const Place& place, Strictness strictness, Report& report) const override {
    if (strictness == Strictness::kSafe) return;
    const T value = Read<T>(place);
    auto say = [&](absl::string_view wanted) { report.Violate(place, wanted); };
    bounds.Check(
        value, [](T number) { return absl::StrCat(number); }, say);
    if constexpr (std::is_floating_point_v<T>) {
      if (finite && !std::isfinite(value)) say("须为有限的数");
    }
  }
  bool IsZero(const Place& place) const override { return Read<T>(place) == T{}; }
};

// Reads what all number rules have under the same names. Values become T by `convert`.
template <class T, class Rules, class Convert>
Bounds<T> ReadBounds(const Rules& rules, const Convert& convert) {
  Bounds<T> bounds;
  if (rules.has_const_()) bounds.equal = convert(rules.const_());
  if (rules.has_lt()) bounds.less = convert(rules.lt());
  if (rules.has_lte()) bounds.at_most = convert(rules.lte());
  if (rules.has_gt()) bounds.more = convert(rules.gt());
  if (rules.has_gte()) bounds.at_least = convert(rules.gte());
  for (const auto& value : rules.in()) bounds.in.push_back(convert(value));
  for (const auto& value : rules.not_in()) bounds.not_in.push_back(convert(value));
  return bounds;
}

template <class T, class Rules>
ValueRulesOr CompileNumber(bool has_rules, const Rules& rules) {
  if (!has_rules) return nullptr;
  RETURN_IF_ERROR(SupportsOnly(
      rules, {"const", "lt", "lte", "gt", "gte", "in", "not_in", "finite", "example"}));
  auto compiled = std::make_unique<NumberRules<T>>();
  compiled->bounds = ReadBounds<T>(rules, [](T value) { return value; });
  if constexpr (std::is_floating_point_v<T>) compiled->finite = rules.finite();
  return compiled;
}

class BoolRules final : public ValueRules {
 public:
  explicit BoolRules(bool wanted) : wanted_(wanted) {}

  void Check(const Place& place, Strictness strictness, Report& report) const override {
    if (strictness == Strictness::kSafe || Read<bool>(place) == wanted_) return;
    report.Violate(place, wanted_ ? "须为 true" : "须为 false");
  }
  bool IsZero(const Place& place) const override { return !Read<bool>(place); }

 private:
  const bool wanted_;
};

ValueRulesOr CompileBool(bool has_rules, const buf::validate::BoolRules& rules) {
  if (!has_rules) return nullptr;
  RETURN_IF_ERROR(SupportsOnly(rules, {"const", "example"}));
  if (!rules.has_const_()) return nullptr;
  return std::make_unique<BoolRules>(rules.const_());
}

class EnumRules final : public ValueRules {
 public:
  Bounds<int> bounds;

  void Check(const Place& place, Strictness strictness, Report& report) const override {
    const int number = Read(place);
    if (place.field->enum_type()->FindValueByNumber(number) == nullptr) {
      return report.Violate(place, "须为已定义的选项");
    }
    if (strictness == Strictness::kSafe) return;
    auto name = [&](int value) -> std::string {
      const EnumValueDescriptor* known = place.field->enum_type()->FindValueByNumber(value);
      return known != nullptr ? known->name() : absl::StrCat(value);
    };
    bounds.Check(number, name, [&](absl::string_view wanted) { report.Violate(place, wanted); });
  }
  bool IsZero(const Place& place) const override {
    return Read(place) == place.field->enum_type()->value(0)->number();
  }

 private:
  static int Read(const Place& at) {
    const Reflection& reflection = *at.message->GetReflection();
    return at.index < 0 ? reflection.GetEnumValue(*at.message, at.field)
                        : reflection.GetRepeatedEnumValue(*at.message, at.field, at.index);
  }
};

ValueRulesOr CompileEnum(const buf::validate::EnumRules& rules) {
  // defined_only is always so.
  RETURN_IF_ERROR(SupportsOnly(rules, {"const", "defined_only", "in", "not_in", "example"}));
  auto compiled = std::make_unique<EnumRules>();
  if (rules.has_const_()) compiled->bounds.equal = rules.const_();
  compiled->bounds.in.assign(rules.in().begin(), rules.in().end());
  compiled->bounds.not_in.assign(rules.not_in().begin(), rules.not_in().end());
  return compiled;
}

// The two fields of a Timestamp or Duration, which may be of generated or of dynamic type.
struct SecondsAndNanos {
  int64_t seconds;
  int32_t nanos;

  explicit SecondsAndNanos(const Message& moment) {
    const Reflection& reflection = *moment.GetReflection();
    seconds = reflection.GetInt64(moment, moment.GetDescriptor()->FindFieldByNumber(1));
    nanos = reflection.GetInt32(moment, moment.GetDescriptor()->FindFieldByNumber(2));
  }
};

absl::Time ToTime(const SecondsAndNanos& value) {
  return absl::FromUnixSeconds(value.seconds) + absl::Nanoseconds(value.nanos);
}

absl::Duration ToDuration(const SecondsAndNanos& value) {
  return absl::Seconds(value.seconds) + absl::Nanoseconds(value.nanos);
}

std::string Years() {
  return absl::StrCat("年份在 ", base::kFirstYear, " 至 ", base::kLastYear, " 之间");
}

class TimestampRules final : public ValueRules {
 public:
  Bounds<absl::Time> bounds;

  void Check(const Place& place, Strictness strictness, Report& report) const override {
    const SecondsAndNanos value(place.submessage());
    if (!base::IsWithinYears(absl::FromUnixSeconds(value.seconds)) || value.nanos < 0 ||
        value.nanos >= kNanosPerSecond) {
      return report.Violate(place, absl::StrCat("须为有效的时间，", Years()));
    }
    if (strictness == Strictness::kSafe) return;
    auto text = [](absl::Time time) {
      return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone());
    };
    bounds.Check(ToTime(value), text,
                 [&](absl::string_view wanted) { report.Violate(place, wanted); });
  }
  bool IsZero(const Place&) const override { return false; }
};

ValueRulesOr CompileTimestamp(const buf::validate::TimestampRules& rules) {
  RETURN_IF_ERROR(SupportsOnly(rules, {"const", "lt", "lte", "gt", "gte", "example"}));
  auto time = [](const Message& value) { return ToTime(SecondsAndNanos(value)); };
  auto compiled = std::make_unique<TimestampRules>();
  if (rules.has_const_()) compiled->bounds.equal = time(rules.const_());
  if (rules.has_lt()) compiled->bounds.less = time(rules.lt());
  if (rules.has_lte()) compiled->bounds.at_most = time(rules.lte());
  if (rules.has_gt()) compiled->bounds.more = time(rules.gt());
  if (rules.has_gte()) compiled->bounds.at_least = time(rules.gte());
  return compiled;
}

class DurationRules final : public ValueRules {
 public:
  Bounds<absl::Duration> bounds;

  void Check(const Place& place, Strictness strictness, Report& report) const override {
    const SecondsAndNanos value(place.submessage());
    const bool signs_differ =
        (value.seconds < 0 && value.nanos > 0) || (value.seconds > 0 && value.nanos < 0);
    if (std::abs(static_cast<int64_t>(value.nanos)) >= kNanosPerSecond ||
        value.seconds > kMaxDurationSeconds || value.seconds < -kMaxDurationSeconds ||
        signs_differ) {
      return report.Violate(place, "须为有效的时长");
    }
    if (strictness == Strictness::kSafe) return;
    auto text = [](absl::Duration duration) { return absl::FormatDuration(duration); };
    bounds.Check(ToDuration(value), text,
                 [&](absl::string_view wanted) { report.Violate(place, wanted); });
  }
  bool IsZero(const Place&) const override { return false; }
};

ValueRulesOr CompileDuration(const buf::validate::DurationRules& rules) {
  RETURN_IF_ERROR(
      SupportsOnly(rules, {"const", "lt", "lte", "gt", "gte", "in", "not_in", "example"}));
  auto compiled = std::make_unique<DurationRules>();
  compiled->bounds = ReadBounds<absl::Duration>(
      rules, [](const Message& value) { return ToDuration(SecondsAndNanos(value)); });
  return compiled;
}

// google.type.Date: a whole day; its years, months and anniversaries without a day or year are not
// for us.
class DateRules final : public ValueRules {
 public:
  void Check(const Place& place, Strictness, Report& report) const override {
    const Message& date = place.submessage();
    const Reflection& reflection = *date.GetReflection();
    int part[3];
    for (int i = 0; i < 3; ++i)
      part[i] = reflection.GetInt32(date, date.GetDescriptor()->FindFieldByNumber(i + 1));
    const absl::CivilDay day(part[0], part[1], part[2]);
    if (!base::IsWithinYears(day) || day.month() != part[1] || day.day() != part[2]) {
      report.Violate(place, absl::StrCat("须为有效的日期，", Years()));
    }
  }
  bool IsZero(const Place&) const override { return false; }
};

ValueRulesOr CompileMessage(const Descriptor* type, const FieldRules& rules) {
  const std::string& name = type->full_name();
  if (name == "google.protobuf.Timestamp") return CompileTimestamp(rules.timestamp());
  if (name == "google.protobuf.Duration") return CompileDuration(rules.duration());
  if (name == "google.type.Date") return std::make_unique<DateRules>();
  return nullptr;
}

// The member of FieldRules that goes with the type of `field`; "" when there is none that we
// support.
absl::string_view MemberFor(const FieldDescriptor* field) {
  switch (field->type()) {
    case FieldDescriptor::TYPE_DOUBLE:
      return "double";
    case FieldDescriptor::TYPE_INT32:
      return "int32";
    case FieldDescriptor::TYPE_INT64:
      return "int64";
    case FieldDescriptor::TYPE_UINT32:
      return "uint32";
    case FieldDescriptor::TYPE_UINT64:
      return "uint64";
    case FieldDescriptor::TYPE_BOOL:
      return "bool";
    case FieldDescriptor::TYPE_STRING:
      return "string";
    case FieldDescriptor::TYPE_BYTES:
      return "bytes";
    case FieldDescriptor::TYPE_ENUM:
      return "enum";
    case FieldDescriptor::TYPE_MESSAGE:
      if (field->message_type()->full_name() == "google.protobuf.Timestamp") return "timestamp";
      if (field->message_type()->full_name() == "google.protobuf.Duration") return "duration";
      return "";
    default:
      return "";
  }
}

}  // namespace

bool IsMoment(const Descriptor* type) {
  return type->full_name() == "google.protobuf.Timestamp" ||
         type->full_name() == "google.protobuf.Duration" || type->full_name() == "google.type.Date";
}

absl::Status SupportsOnly(const Message& rules, absl::Span<const absl::string_view> supported) {
  const std::string& type = rules.GetDescriptor()->full_name();
  const Reflection& reflection = *rules.GetReflection();
  if (!reflection.GetUnknownFields(rules).empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(type, " holds field ", reflection.GetUnknownFields(rules).field(0).number(),
                     ", which is not known here"));
  }
  std::vector<const FieldDescriptor*> used;
  reflection.ListFields(rules, &used);
  for (const FieldDescriptor* rule : used) {
    if (rule->is_extension() || !absl::c_linear_search(supported, rule->name())) {
      return absl::FailedPreconditionError(
          absl::StrCat(rule->full_name(), " is not supported here"));
    }
  }
  return absl::OkStatus();
}

ValueRulesOr CompileValueRules(const FieldDescriptor* field, const FieldRules& rules) {
  RETURN_IF_ERROR(SupportsOnly(rules, {"required", "ignore", MemberFor(field)}));
  switch (field->type()) {
    case FieldDescriptor::TYPE_DOUBLE:
      return CompileNumber<double>(rules.has_double_(), rules.double_());
    case FieldDescriptor::TYPE_INT32:
      return CompileNumber<int32_t>(rules.has_int32(), rules.int32());
    case FieldDescriptor::TYPE_INT64:
      return CompileNumber<int64_t>(rules.has_int64(), rules.int64());
    case FieldDescriptor::TYPE_UINT32:
      return CompileNumber<uint32_t>(rules.has_uint32(), rules.uint32());
    case FieldDescriptor::TYPE_UINT64:
      return CompileNumber<uint64_t>(rules.has_uint64(), rules.uint64());
    case FieldDescriptor::TYPE_BOOL:
      return CompileBool(rules.has_bool_(), rules.bool_());
    case FieldDescriptor::TYPE_STRING:
      return CompileStringRules(rules.string());
    case FieldDescriptor::TYPE_BYTES:
      return CompileBytesRules(rules.bytes());
    case FieldDescriptor::TYPE_ENUM:
      return CompileEnum(rules.enum_());
    case FieldDescriptor::TYPE_MESSAGE:
      return CompileMessage(field->message_type(), rules);
    default:
      return nullptr;
  }
}

}  // namespace pingan::rpc
