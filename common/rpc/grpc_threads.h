// gRPC's own threads, told not to wake for nothing and not to sleep when somebody calls.
#ifndef PINGAN_COMMON_RPC_GRPC_THREADS_H_
#define PINGAN_COMMON_RPC_GRPC_THREADS_H_

namespace pingan::rpc {

// Before anything else of gRPC is used.
//
// Pollers, which serve callbacks: gRPC++ 1.51 lets each of them wait for a second and then sleep
// for a tenth of one; who calls while all sleep waits with them. On a quiet server that is one call
// in eleven. From here on they wait until there is something to do.
//
// Timers: gRPC keeps them in parts, two for each core, each looked at once a second by itself. From
// here on they may be late by a second (keepalive, reconnecting, deadlines of calls to other
// services), so that the kernel lets them be looked at together.
void StartGrpcThreads();

// How many pollers wait without end. None after a call was served: gRPC does not let itself be told
// any more.
int AttentivePollers();

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_GRPC_THREADS_H_
