// The exchange service.
#include "common/service/main.h"

#include "services/exchange/exchange_service.h"
#include "services/exchange/exchange_tables.h"
#include "services/exchange/migrations/migrations.h"

int main(int argc, char** argv) {
  return pingan::service::Main(argc, argv,
                               {.name = "exchange",
                                .tables = pingan::exchange::AllTables(),
                                .migrations = pingan::exchange::Migrations(),
                                .peers = {"directory", "pairing"},
                                .start = pingan::exchange::ExchangeService::Make,
                                .commands = {}});
}
