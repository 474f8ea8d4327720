// What an operator does from the command line: the keys of an installation, and its first
// administrator.
#ifndef PINGAN_SERVICES_DIRECTORY_ACCOUNT_COMMANDS_H_
#define PINGAN_SERVICES_DIRECTORY_ACCOUNT_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/db/town_writer.h"
#include "pingan/directory/v1/people.pb.h"
#include "services/directory/keyed_hashes.h"
#include "services/directory/personal_data.h"

namespace pingan::directory {

// directory keys init|rotate|services|sealing --secrets_dir=...
//   init      makes whatever key is missing, and leaves the others alone
//   rotate    a new key for users' tokens, which signs after --key_lead; those who sign and check
//   need no restart services  a new key for every service sealing   a new key that wraps the data
//   keys of new people
absl::Status RunKeys(const std::vector<std::string>& words);

// directory bootstrap --database=... --secrets_dir=... --phone=... --password_file=...
// [--display_name=...]
//                     [--role=city_official|town_official --town=330481003]
// Makes a platform administrator, or for laptops an official, who signs in with the password. Run
// again it changes nothing; another password replaces the one before. The only way to the first
// administrator: no method makes one.
absl::Status RunBootstrap(const std::vector<std::string>& words);

// Somebody who is to hold a role without anybody there to give it.
struct Appointment {
  std::string phone;  // eleven digits
  std::string display_name;
  std::string password;  // empty: they sign in with codes
  v1::Role role = v1::PLATFORM_ADMIN;
  std::string town = "000000000";  // nine digits; made only for the country
};

// Each step may be the last; the next run goes on.
absl::Status Appoint(const Appointment& appointment, db::TownWriter& writer,
                     const PersonalData& personal, const KeyedHashes& hashes, base::Clock& clock);

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_ACCOUNT_COMMANDS_H_
