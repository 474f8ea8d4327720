// The volunteer service.
#include "common/service/main.h"

#include "services/volunteer/migrations/migrations.h"
#include "services/volunteer/volunteer_service.h"
#include "services/volunteer/volunteer_tables.h"

int main(int argc, char** argv) {
  return pingan::service::Main(argc, argv,
                               {.name = "volunteer",
                                .tables = pingan::volunteer::AllTables(),
                                .migrations = pingan::volunteer::Migrations(),
                                .peers = {"directory", "event"},
                                .start = pingan::volunteer::VolunteerService::Make,
                                .commands = {}});
}
