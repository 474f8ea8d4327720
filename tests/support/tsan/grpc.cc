// What ThreadSanitizer must know of gRPC's callbacks. Debian's gRPC is not instrumented, so what
// one thread wrote before it began an operation and a callback reads when the operation has ended
// would look like a race. Linked into every program of the preset `tsan`; its functions stand
// before gRPC's own, which they call.
#include <dlfcn.h>
#include <grpc/grpc.h>
#include <link.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <utility>

extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}

namespace {

using Functor = grpc_completion_queue_functor;
using Callback = void (*)(Functor*, int);

// The callbacks that gRPC++ has: one for each kind of tag. A trampoline for each acquires what the
// operation's beginning released.
constexpr size_t kMostCallbacks = 16;
std::array<std::atomic<Callback>, kMostCallbacks> callbacks;

template <size_t i>
void Trampoline(Functor* functor, int ok) {
  __tsan_acquire(functor);
  callbacks[i].load()(functor, ok);
}

template <size_t... i>
constexpr std::array<Callback, sizeof...(i)> Trampolines(std::index_sequence<i...>) {
  return {&Trampoline<i>...};
}
constexpr auto kTrampolines = Trampolines(std::make_index_sequence<kMostCallbacks>());

bool IsCode(uintptr_t address) {
  const auto look = [](dl_phdr_info* library, size_t, void* data) {
    const uintptr_t wanted = *static_cast<uintptr_t*>(data);
    for (int i = 0; i < library->dlpi_phnum; ++i) {
      const ElfW(Phdr)& part = library->dlpi_phdr[i];
      const uintptr_t start = library->dlpi_addr + part.p_vaddr;
      if (part.p_type == PT_LOAD && (part.p_flags & PF_X) != 0 && wanted >= start &&
          wanted < start + part.p_memsz) {
        return 1;
      }
    }
    return 0;
  };
  return dl_iterate_phdr(look, &address) != 0;
}

bool IsTrampoline(Callback callback) {
  for (const Callback trampoline : kTrampolines) {
    if (trampoline == callback) return true;
  }
  return false;
}

// The tag of a callback begins with a function; that of a completion queue with a table of virtual
// ones, which is no code.
void Release(void* tag) {
  auto* functor = static_cast<Functor*>(tag);
  const Callback callback = functor->functor_run;
  if (!IsTrampoline(callback)) {
    if (!IsCode(reinterpret_cast<uintptr_t>(callback))) return;
    size_t i = 0;
    for (Callback taken = nullptr; i < kMostCallbacks; ++i, taken = nullptr) {
      if (callbacks[i].compare_exchange_strong(taken, callback) || taken == callback) break;
    }
    if (i == kMostCallbacks) std::abort();
    functor->functor_run = kTrampolines[i];
  }
  __tsan_release(functor);
}

template <class Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t count,
                                                 void* tag, void* reserved) {
  static const auto kNext = Next<decltype(&grpc_call_start_batch)>("grpc_call_start_batch");
  Release(tag);
  return kNext(call, ops, count, tag, reserved);
}

// grpc::internal::ServerCallbackCall::ScheduleOnDone(bool): nothing of a call is under way any
// more. Who ended last may have done so where nobody saw it, in gRPC++; the count of what is under
// way is the second word after the table of virtual functions. What gRPC hands to a thread of its
// executor goes to one of ours.
extern "C" void _ZN4grpc8internal18ServerCallbackCall14ScheduleOnDoneEb(void* call,
                                                                        bool is_inline) {
  constexpr size_t kCount = sizeof(void*) + sizeof(int);
  static const auto kNext =
      Next<void (*)(void*, bool)>("_ZN4grpc8internal18ServerCallbackCall14ScheduleOnDoneEb");
  __tsan_acquire(static_cast<char*>(call) + kCount);
  if (is_inline) return kNext(call, true);
  std::thread([call] { kNext(call, true); }).detach();
}
