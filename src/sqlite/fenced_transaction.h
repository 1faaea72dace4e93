// A SQLite transaction under a fence: the check comes first, inside BEGIN IMMEDIATE, the deadline guard last (P9, P12).
// While it is open nobody else can raise the fence in this file: a stale owner that passed the check cannot be
// overtaken.
#pragma once

#include "batch/authority.h"
#include "batch/database.h"
#include "sqlite/connection.h"

namespace baton {

class FencedTransaction {
 public:
  // `lease_lost` where the fence is not the authority's, or none is recorded.
  static Result<FencedTransaction> begin(SqliteConnection& connection, const Authority& authority,
                                         Durability durability);

  // The guard, then COMMIT. `lease_lost` past the deadline.
  Status commit();

 private:
  FencedTransaction(SqliteTransaction transaction, Guard guard) : transaction_(std::move(transaction)), guard_(guard) {}

  SqliteTransaction transaction_;
  Guard guard_;
};

// How COMMIT treats the disk from now on: with a rollback journal always fully, since less could spoil the file.
Status set_durability(SqliteConnection& connection, Durability durability);

}  // namespace baton
