// The directory service.
#include "common/service/main.h"

#include "services/directory/account_commands.h"
#include "services/directory/directory_handlers.h"
#include "services/directory/migrations/migrations.h"

int main(int argc, char** argv) {
  return pingan::service::Main(argc, argv,
                               {.name = "directory",
                                .tables = pingan::directory::AllTables(),
                                .migrations = pingan::directory::Migrations(),
                                .peers = {},
                                .start = pingan::directory::DirectoryHandlers::Make,
                                .commands = {{"keys", pingan::directory::RunKeys},
                                             {"bootstrap", pingan::directory::RunBootstrap}}});
}
