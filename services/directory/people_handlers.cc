#include "services/directory/people_handlers.h"

#include <utility>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "common/base/status_macros.h"
#include "common/rpc/keys.h"

ABSL_DECLARE_FLAG(std::string, secrets_dir);
ABSL_DECLARE_FLAG(std::string, issuer);

ABSL_FLAG(std::string, dev_codes_file, "",
          "Where one-time codes are written, a line of JSON each, instead of being sent.");
ABSL_FLAG(int, password_threads, 2, "Passwords hashed at once; each takes 64 MiB.");
ABSL_FLAG(int, codes_per_minute, 1,
          "One-time codes for one phone in a minute; 0: any number. Laptops and tests only.");
ABSL_FLAG(int, codes_per_day, 10, "One-time codes for one phone in a day; 0: any number.");
ABSL_FLAG(int, codes_per_address, 60,
          "One-time codes asked for from one address in an hour; 0: any number.");
ABSL_FLAG(int, sign_ins_per_address, 600,
          "Attempts to sign in from one address in an hour; 0: any number.");
ABSL_FLAG(int, passwords_per_phone, 10, "Wrong passwords for one phone in an hour; 0: any number.");

namespace pingan::directory {

PeopleOptions PeopleOptionsFromFlags() {
  PeopleOptions options{.secrets_dir = absl::GetFlag(FLAGS_secrets_dir),
                        .issuer = absl::GetFlag(FLAGS_issuer),
                        .dev_codes_file = absl::GetFlag(FLAGS_dev_codes_file),
                        .password_threads = absl::GetFlag(FLAGS_password_threads),
                        .limits = {}};
  options.limits.codes_of_phone_per_minute.most = absl::GetFlag(FLAGS_codes_per_minute);
  options.limits.codes_of_phone_per_day.most = absl::GetFlag(FLAGS_codes_per_day);
  options.limits.codes_of_address.most = absl::GetFlag(FLAGS_codes_per_address);
  options.limits.sign_ins_of_address.most = absl::GetFlag(FLAGS_sign_ins_per_address);
  options.limits.passwords_of_phone.most = absl::GetFlag(FLAGS_passwords_per_phone);
  return options;
}

absl::StatusOr<std::unique_ptr<PeopleHandlers>> PeopleHandlers::Make(service::Runtime& runtime,
                                                                     const PeopleOptions& options) {
  if (options.dev_codes_file.empty()) {
    return absl::FailedPreconditionError(
        "there is no way to send one-time codes: give --dev_codes_file");
  }
  ASSIGN_OR_RETURN(KeyedHashes hashes, KeyedHashes::Open(options.secrets_dir));
  std::unique_ptr<PeopleHandlers> made(new PeopleHandlers(std::move(hashes), options));
  ASSIGN_OR_RETURN(made->sealer_, Sealer::Open(options.secrets_dir, runtime.clock()));
  made->personal_ = std::make_unique<PersonalData>(*made->sealer_, made->hashes_);
  ASSIGN_OR_RETURN(made->signing_keys_,
                   rpc::SigningKeyFile::Open(rpc::UserSigningKeysPath(options.secrets_dir)));
  made->signer_ = std::make_unique<rpc::TokenSigner>(*made->signing_keys_, options.issuer);
  ASSIGN_OR_RETURN(made->codes_, FileCodeSender::Open(options.dev_codes_file));
  ASSIGN_OR_RETURN(made->people_,
                   PeopleService::Make(runtime, *made->personal_, made->hashes_, *made->signer_));
  ASSIGN_OR_RETURN(made->auth_, AuthService::Make(runtime, {.personal = *made->personal_,
                                                            .hashes = made->hashes_,
                                                            .signer = *made->signer_,
                                                            .passwords = made->passwords_,
                                                            .codes = *made->codes_,
                                                            .limits = options.limits}));
  return made;
}

}  // namespace pingan::directory
