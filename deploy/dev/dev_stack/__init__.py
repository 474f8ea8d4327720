"""The dev stack of one machine: settings, processes, database, secrets; `up`, `down` and `status` use it."""

import os

# Programs that run as another user are forked. What gRPC does before and after a fork can hang or kill the process, and none
# of these programs speaks gRPC. Said before gRPC is imported.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
