// The threads that serve gRPC's callbacks.
//
// gRPC++ 1.51 lets each of them wait for a second and then sleep for a tenth of one; who calls
// while all sleep waits with them. On a quiet server that is one call in eleven.
#ifndef PINGAN_COMMON_RPC_POLLERS_H_
#define PINGAN_COMMON_RPC_POLLERS_H_

namespace pingan::rpc {

// From now on they wait until there is something to do.
void KeepPollersAttentive();

// How many have waited so. None after a call was served: gRPC no longer lets itself be told.
int AttentivePollers();

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_POLLERS_H_
