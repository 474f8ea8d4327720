// The feed's connection. It is not a db::Session because libpqxx delivers notifications only
// outside of transactions, and a session is one.
#ifndef PINGAN_COMMON_CHANGES_CONNECTION_H_
#define PINGAN_COMMON_CHANGES_CONNECTION_H_

#include <memory>

#include "common/db/database.h"
#include "pqxx/connection"

namespace pingan::changes {

// With the schema as search path and bounds on every wait, like a session. Throws what libpqxx
// throws: whoever calls drops the connection on any exception.
std::unique_ptr<pqxx::connection> Connect(const db::DatabaseOptions& options);

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_CONNECTION_H_
