// The pairing service.
#include "common/service/main.h"

#include "services/pairing/migrations/migrations.h"
#include "services/pairing/pairing_service.h"
#include "services/pairing/pairing_tables.h"

int main(int argc, char** argv) {
  return pingan::service::Main(argc, argv,
                               {.name = "pairing",
                                .tables = pingan::pairing::AllTables(),
                                .migrations = pingan::pairing::Migrations(),
                                .peers = {"directory", "event", "exchange"},
                                .start = pingan::pairing::PairingService::Make,
                                .commands = {}});
}
