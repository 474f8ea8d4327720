// gRPC's own threads, told not to wake for nothing, not to sleep when somebody calls, and not to
// hand over to each other.
#ifndef PINGAN_COMMON_RPC_GRPC_THREADS_H_
#define PINGAN_COMMON_RPC_GRPC_THREADS_H_

namespace pingan::rpc {

// Before anything else of gRPC is used.
//
// Pollers, which serve callbacks: gRPC++ 1.51 has one for each two cores, two at least, and lets
// each of them wait for a second and then sleep for a tenth of one; who calls while all sleep waits
// with them. On a quiet server that is one call in eleven. From here on they wait until there is
// something to do, and no more of them than `pollers`, of at least one: two that share two cores
// with all else make half of the wakes of a call, of each other. The others sleep until their queue
// ends. So a handler that computes for long holds up everybody: it belongs on a thread of its own,
// as passwords are.
//
// Timers: gRPC keeps them in parts, two for each core, each looked at once a second by itself. From
// here on they may be late by a second (keepalive, reconnecting, deadlines of calls to other
// services), so that the kernel lets them be looked at together.
void StartGrpcThreads(int pollers);

// How many pollers wait without end, and how many sleep. None after a call was served: gRPC does
// not let itself be told any more.
struct Pollers {
  int waiting;
  int sleeping;
};
Pollers CountPollers();

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_GRPC_THREADS_H_
