#include "common/rpc/grpc_threads.h"

#include <dlfcn.h>
#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <sys/prctl.h>

#include <atomic>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"

namespace pingan::rpc {
namespace {

constexpr absl::Duration kTimersMayBeLate = absl::Seconds(1);

std::atomic<bool> kept_attentive = false;

// Who waits in which queue. Thread safe.
class Rota {
 public:
  void SetWanted(int wanted) {
    absl::MutexLock lock(&mutex_);
    wanted_ = wanted;
  }

  // A poller's first word of `queue`. Returns when it shall wait in it: at once, or when it ends.
  void Enter(const grpc_completion_queue* queue) {
    absl::MutexLock lock(&mutex_);
    Shift& shift = shifts_[queue];
    ++shift.entered;
    if (shift.waiting == wanted_) mutex_.Await(absl::Condition(&shift.has_ended));
    ++shift.waiting;
  }

  // Its last: the queue has ended. It is gone when all its pollers are, and its address free for
  // another.
  void Leave(const grpc_completion_queue* queue) {
    absl::MutexLock lock(&mutex_);
    Shift& shift = shifts_[queue];
    shift.has_ended = true;
    if (--shift.entered == 0) shifts_.erase(queue);
  }

  Pollers Count() {
    absl::MutexLock lock(&mutex_);
    Pollers pollers{};
    for (const auto& [queue, shift] : shifts_) {
      pollers.waiting += shift.waiting;
      pollers.sleeping += shift.entered - shift.waiting;
    }
    return pollers;
  }

 private:
  struct Shift {
    int entered = 0;  // of whom `waiting` wait, the others sleep
    int waiting = 0;
    bool has_ended = false;
  };

  absl::Mutex mutex_;
  int wanted_ ABSL_GUARDED_BY(mutex_) = 1;
  absl::node_hash_map<const grpc_completion_queue*, Shift> shifts_ ABSL_GUARDED_BY(mutex_);
};

Rota& TheRota() {
  static Rota& rota = *new Rota;
  return rota;
}

// By the name that gRPC++ gives its pollers. Asked once for each thread, in its first queue, which
// is its only one.
bool BecomesPoller(const grpc_completion_queue* queue) {
  char name[16] = "";
  pthread_getname_np(pthread_self(), name, sizeof(name));
  if (absl::string_view(name) != "nexting_thread") return false;
  TheRota().Enter(queue);
  return true;
}

bool IsPollerOf(const grpc_completion_queue* queue) {
  if (!kept_attentive) return false;
  thread_local bool is_poller = BecomesPoller(queue);
  return is_poller;
}

}  // namespace

void StartGrpcThreads(int pollers) {
  TheRota().SetWanted(pollers);
  kept_attentive = true;
  // Threads have the slack of who starts them.
  prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(absl::ToInt64Nanoseconds(kTimersMayBeLate)));
  grpc_init();
  // The second timers start with the first channel and end with the last. It goes nowhere. `used`:
  // nobody reads it, and what only compilers drop would be a leak.
  [[gnu::used]] static const auto& channel = *new std::shared_ptr<grpc::Channel>(
      grpc::CreateChannel("127.0.0.1:9", grpc::InsecureChannelCredentials()));
  prctl(PR_SET_TIMERSLACK, 0UL);  // the usual one
}

Pollers CountPollers() { return TheRota().Count(); }

}  // namespace pingan::rpc

// Stands before gRPC's own, which it calls: a program's functions come before those of its
// libraries. All others who wait, as a server that ends does, have their reasons for a deadline.
extern "C" grpc_event grpc_completion_queue_next(grpc_completion_queue* queue,
                                                 gpr_timespec deadline, void* reserved) {
  static const auto kNext = reinterpret_cast<decltype(&grpc_completion_queue_next)>(
      dlsym(RTLD_NEXT, "grpc_completion_queue_next"));
  if (!pingan::rpc::IsPollerOf(queue)) return kNext(queue, deadline, reserved);
  const grpc_event event = kNext(queue, gpr_inf_future(GPR_CLOCK_REALTIME), reserved);
  if (event.type == GRPC_QUEUE_SHUTDOWN) pingan::rpc::TheRota().Leave(queue);
  return event;
}
