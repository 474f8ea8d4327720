// The event service.
#include "common/service/main.h"

#include "services/event/event_service.h"
#include "services/event/event_tables.h"
#include "services/event/migrations/migrations.h"

int main(int argc, char** argv) {
  return pingan::service::Main(argc, argv,
                               {.name = "event",
                                .tables = pingan::event::AllTables(),
                                .migrations = pingan::event::Migrations(),
                                .peers = {"directory", "volunteer", "pairing"},
                                .start = pingan::event::EventService::Make,
                                .commands = {}});
}
