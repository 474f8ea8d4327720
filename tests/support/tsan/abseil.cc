// What ThreadSanitizer must know of Abseil's locks. Debian's Abseil is not instrumented, so what
// one thread did under a lock and another reads under it later would look like a race. Linked into
// every program of the preset `tsan`, in the place of the functions that it names (ld's --wrap).
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}

namespace {

// Abseil looks at others' conditions, under the lock but where nobody sees it.
class Unseen {
 public:
  Unseen() { AnnotateIgnoreReadsBegin(__FILE__, __LINE__); }
  ~Unseen() { AnnotateIgnoreReadsEnd(__FILE__, __LINE__); }
};

template <class Wait>
auto Released(void* lock, Wait wait) {
  __tsan_release(lock);
  struct Acquire {
    void* lock;
    ~Acquire() { __tsan_acquire(lock); }
  } const acquire{lock};
  const Unseen unseen;
  return wait();
}

}  // namespace

// TAKES and GIVES: a function (mangled) that takes a lock, or gives it back. WAITS: one that gives
// it back for a while; its lock is `lock`, its other argument of type `Argument`.
#define TAKES(name, Result)                     \
  extern "C" Result __real_##name(void* self);  \
  extern "C" Result __wrap_##name(void* self) { \
    struct Acquire {                            \
      void* lock;                               \
      ~Acquire() { __tsan_acquire(lock); }      \
    } const acquire{self};                      \
    const Unseen unseen;                        \
    return __real_##name(self);                 \
  }
#define GIVES(name, Result)                     \
  extern "C" Result __real_##name(void* self);  \
  extern "C" Result __wrap_##name(void* self) { \
    __tsan_release(self);                       \
    const Unseen unseen;                        \
    return __real_##name(self);                 \
  }
#define WAITS(name, Result, Argument)                                     \
  extern "C" Result __real_##name(void* self, Argument argument);         \
  extern "C" Result __wrap_##name(void* self, Argument argument) {        \
    return Released(self, [&] { return __real_##name(self, argument); }); \
  }
#define WAITS_UNTIL(name, Until)                                                  \
  extern "C" bool __real_##name(void* self, const void* condition, Until until);  \
  extern "C" bool __wrap_##name(void* self, const void* condition, Until until) { \
    return Released(self, [&] { return __real_##name(self, condition, until); }); \
  }
#define WAITS_WITH(name, Until)                                                \
  extern "C" bool __real_##name(void* self, void* mutex, Until until);         \
  extern "C" bool __wrap_##name(void* self, void* mutex, Until until) {        \
    return Released(mutex, [&] { return __real_##name(self, mutex, until); }); \
  }

TAKES(_ZN4absl7debian35Mutex4LockEv, void)
TAKES(_ZN4absl7debian35Mutex10ReaderLockEv, void)
TAKES(_ZN4absl7debian35Mutex7TryLockEv, bool)
GIVES(_ZN4absl7debian35Mutex6UnlockEv, void)
GIVES(_ZN4absl7debian35Mutex12ReaderUnlockEv, void)
WAITS(_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE, void, const void*)
WAITS_UNTIL(_ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE,
            absl::Duration)
WAITS_UNTIL(_ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE, absl::Time)
WAITS_WITH(_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE, absl::Duration)
WAITS_WITH(_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE, absl::Time)

extern "C" void __real__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(void* self, void* mutex);
extern "C" void __wrap__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(void* self, void* mutex) {
  Released(mutex, [&] { __real__ZN4absl7debian37CondVar4WaitEPNS0_5MutexE(self, mutex); });
}

GIVES(_ZN4absl7debian312Notification6NotifyEv, void)
TAKES(_ZNK4absl7debian312Notification19WaitForNotificationEv, void)
GIVES(_ZN4absl7debian315BlockingCounter14DecrementCountEv, bool)
TAKES(_ZN4absl7debian315BlockingCounter4WaitEv, void)

extern "C" bool
__real__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(
    void* self, absl::Duration timeout);
extern "C" bool
__wrap__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(
    void* self, absl::Duration timeout) {
  const bool notified =
      __real__ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE(
          self, timeout);
  __tsan_acquire(self);
  return notified;
}
