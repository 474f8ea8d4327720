#include "common/rpc/grpc_threads.h"

#include <dlfcn.h>
#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <sys/prctl.h>

#include <atomic>
#include <memory>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"

namespace pingan::rpc {
namespace {

constexpr absl::Duration kTimersMayBeLate = absl::Seconds(1);

std::atomic<bool> kept_attentive = false;
std::atomic<int> attentive_pollers = 0;

// By the name that gRPC++ gives its pollers. Asked once for each thread.
bool BecomesAttentive() {
  char name[16] = "";
  pthread_getname_np(pthread_self(), name, sizeof(name));
  if (absl::string_view(name) != "nexting_thread") return false;
  ++attentive_pollers;
  return true;
}

bool IsAttentive() {
  if (!kept_attentive) return false;
  thread_local bool is_attentive = BecomesAttentive();
  return is_attentive;
}

}  // namespace

void StartGrpcThreads() {
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

int AttentivePollers() { return attentive_pollers; }

}  // namespace pingan::rpc

// Stands before gRPC's own, which it calls: a program's functions come before those of its
// libraries. All others who wait, as a server that ends does, have their reasons for a deadline.
extern "C" grpc_event grpc_completion_queue_next(grpc_completion_queue* queue,
                                                 gpr_timespec deadline, void* reserved) {
  static const auto kNext = reinterpret_cast<decltype(&grpc_completion_queue_next)>(
      dlsym(RTLD_NEXT, "grpc_completion_queue_next"));
  if (pingan::rpc::IsAttentive()) deadline = gpr_inf_future(GPR_CLOCK_REALTIME);
  return kNext(queue, deadline, reserved);
}
