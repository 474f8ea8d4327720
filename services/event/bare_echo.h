// A method that does nothing: what gRPC alone costs in this very binary, for tests/load to compare
// with.
#ifndef PINGAN_SERVICES_EVENT_BARE_ECHO_H_
#define PINGAN_SERVICES_EVENT_BARE_ECHO_H_

#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/service_type.h"
#include "pingan/event/v1/event.pb.h"

namespace pingan::event {

// Answers /pingan.load.Echo/GetEvent with an event made beforehand, without token, rules, metrics
// or log. Behind the flag
// --bare_echo, which no deployment sets.
class BareEcho final : public grpc::Service {
 public:
  BareEcho();

 private:
  v1::Event answer_;
};

}  // namespace pingan::event

#endif  // PINGAN_SERVICES_EVENT_BARE_ECHO_H_
