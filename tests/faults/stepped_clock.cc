// A wall clock that can be set while programs run: preloaded (LD_PRELOAD), it adds to the time of
// day the number of nanoseconds that the first eight bytes of the file STEPPED_CLOCK hold, at every
// look. The steady clock stays, as it does when an administrator sets a machine's clock.
//
// Waits that end at a time of day do what the kernel does with them when its clock is set: a futex
// with FUTEX_CLOCK_REALTIME (all of abseil's timed waits) ends by the set clock, and one that is
// under way notices a step within 20 ms. Times that others wait for (timerfd, condition variables
// of glibc on the real-time clock) are not translated: nothing here uses them.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kLook = 20'000'000;

using ClockGetTime = int (*)(clockid_t, timespec*);
using Syscall = long (*)(long, ...);

template <class Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

const std::atomic<int64_t>* MapOffset() {
  static const std::atomic<int64_t> kNone{0};
  const char* file = getenv("STEPPED_CLOCK");
  const int descriptor = file == nullptr ? -1 : open(file, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return &kNone;
  void* page = mmap(nullptr, sizeof(int64_t), PROT_READ, MAP_SHARED, descriptor, 0);
  close(descriptor);
  return page == MAP_FAILED ? &kNone : static_cast<const std::atomic<int64_t>*>(page);
}

int64_t Offset() {
  static const std::atomic<int64_t>* const kOffset = MapOffset();
  return kOffset->load(std::memory_order_relaxed);
}

int64_t Nanos(const timespec& time) { return time.tv_sec * kSecond + time.tv_nsec; }
timespec Timespec(int64_t nanos) { return {.tv_sec = nanos / kSecond, .tv_nsec = nanos % kSecond}; }

int RealTime(clockid_t clock, timespec* time) {
  static const auto kReal = Next<ClockGetTime>("clock_gettime");
  return kReal(clock, time);
}

bool IsTimeOfDay(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = RealTime(clock, time);
  if (result == 0 && IsTimeOfDay(clock)) *time = Timespec(Nanos(*time) + Offset());
  return result;
}

int gettimeofday(timeval* __restrict time, void* __restrict) noexcept {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  *time = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* seconds) noexcept {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (seconds != nullptr) *seconds = now.tv_sec;
  return now.tv_sec;
}

// Waits a little by the real clock and comes back with EINTR, at which callers look at the word and
// at the time again and wait on.
long syscall(long number, ...) noexcept {
  static const auto kReal = Next<Syscall>("syscall");
  va_list given;
  va_start(given, number);
  long a[6];
  for (long& one : a) one = va_arg(given, long);
  va_end(given);
  const bool waits = number == SYS_futex && (a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET &&
                     (a[1] & FUTEX_CLOCK_REALTIME) != 0 && a[3] != 0;
  if (!waits) return kReal(number, a[0], a[1], a[2], a[3], a[4], a[5]);

  timespec now;
  RealTime(CLOCK_REALTIME, &now);
  const int64_t deadline = Nanos(*reinterpret_cast<const timespec*>(a[3])) - Offset();
  const bool looks_again = deadline > Nanos(now) + kLook;
  timespec until = Timespec(looks_again ? Nanos(now) + kLook : deadline > 0 ? deadline : 0);
  const long result = kReal(number, a[0], a[1], a[2], reinterpret_cast<long>(&until), a[4], a[5]);
  if (result == -1 && errno == ETIMEDOUT && looks_again) errno = EINTR;
  return result;
}

}  // extern "C"
