#include "app/doctor_findings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <cstdlib>

namespace baton {
namespace {

constexpr std::int64_t mebibyte = 1 << 20;
constexpr std::int64_t gibibyte = 1 << 30;

constexpr int oldest_version = 140'000;
constexpr std::int64_t wal_of_big_loads = 4 * gibibyte;
constexpr std::int64_t little_disk = gibibyte;

std::string bytes_text(std::int64_t bytes) {
  if (bytes >= gibibyte) return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / gibibyte);
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / mebibyte);
}

// Findings of one place.
class Findings {
 public:
  explicit Findings(std::string where) : where_(std::move(where)) {}

  void ok(std::string what) { add(FindingLevel::ok, std::move(what), ""); }
  void warn(std::string what, std::string remedy) { add(FindingLevel::warning, std::move(what), std::move(remedy)); }
  void error(std::string what, std::string remedy) { add(FindingLevel::error, std::move(what), std::move(remedy)); }

  std::vector<Finding> list;

 private:
  void add(FindingLevel level, std::string what, std::string remedy) {
    list.push_back({level, where_, std::move(what), std::move(remedy), false});
  }

  std::string where_;
};

void judge_version(const PgServerFacts& facts, Findings& findings) {
  if (facts.version >= oldest_version) {
    findings.ok("PostgreSQL " + facts.version_text);
  } else {
    findings.warn(
        fmt::format("PostgreSQL {}: before 14 a statement whose client is gone runs on to its end", facts.version_text),
        "upgrade the server; Baton is tested with 15");
  }
  if (facts.encoding == "UTF8") {
    findings.ok("encoding UTF8");
  } else {
    findings.warn(fmt::format("encoding {}: characters that it lacks are refused", facts.encoding),
                  "use a database with encoding UTF8");
  }
}

void judge_role(const PgServerFacts& facts, const DatabaseUse& use, Findings& findings) {
  if (!facts.standby) {
    findings.ok("takes writes");
  } else if (use.writes) {
    findings.error("it is a standby, which takes no writes", "name the primary server in the URL");
  } else {
    findings.ok("it is a standby, which is only read from");
  }
  if (use.writes && facts.identity.empty()) {
    findings.error(fmt::format("role {} may not ask which server this is", facts.role),
                   fmt::format("GRANT EXECUTE ON FUNCTION pg_control_system() TO \"{}\"", facts.role));
  }
  if (!facts.local && !facts.encrypted) {
    findings.warn("the connection is not encrypted", "say sslmode=verify-full in the URL");
  }
  const std::int64_t left = facts.max_connections - facts.connections;
  const std::string what = fmt::format("{} of {} connections are open", facts.connections, facts.max_connections);
  if (left >= use.pool) {
    findings.ok(what);
  } else {
    findings.warn(fmt::format("{}, and one replica may open {} more", what, use.pool),
                  "raise max_connections on the server, or lower `pool`");
  }
}

void judge_durability(const PgServerFacts& facts, Findings& findings) {
  if (facts.fsync && facts.full_page_writes && facts.synchronous_commit)
    findings.ok("fsync, full_page_writes and synchronous_commit are on");
  if (!facts.fsync) {
    findings.warn("fsync is off: a crash of the machine may destroy the database, locks and progress included",
                  "turn it on wherever the data matters");
  }
  if (!facts.full_page_writes) {
    findings.warn("full_page_writes is off: a crash of the machine may destroy pages",
                  "turn it on wherever the data matters");
  }
  if (!facts.synchronous_commit) {
    findings.warn(
        "synchronous_commit is off: a crash may lose the last commits of other programs; Baton turns it on "
        "for its own where one counts",
        "ALTER SYSTEM SET synchronous_commit = on");
  }
}

void judge_disk(const PgServerFacts& facts, const DatabaseUse& use, Findings& findings) {
  const std::string wal = "max_wal_size is " + bytes_text(facts.max_wal_bytes);
  if (facts.max_wal_bytes >= wal_of_big_loads || !use.loads) {
    findings.ok(wal);
  } else {
    findings.warn(wal + ": a big load forces checkpoints, which slow it down",
                  "ALTER SYSTEM SET max_wal_size = '4GB', then SELECT pg_reload_conf()");
  }
  const std::string size = "the database has " + bytes_text(facts.database_bytes);
  if (!facts.free_bytes) {
    findings.ok(size + "; free disk is not visible from here");
  } else if (*facts.free_bytes >= std::max(little_disk, facts.max_wal_bytes)) {
    findings.ok(fmt::format("{}, its disk {} free", size, bytes_text(*facts.free_bytes)));
  } else {
    findings.warn(fmt::format("{}, its disk only {} free", size, bytes_text(*facts.free_bytes)),
                  "free space before a big load");
  }
}

// The leases compare no clocks (P3) and schedules follow the server's (P17): a difference only misleads people.
void judge_clock(const PgServerFacts& facts, Duration tolerance, Findings& findings) {
  const std::chrono::microseconds known = std::chrono::abs(facts.clock_ahead) - facts.round_trip / 2;
  if (known <= tolerance) {
    findings.ok(fmt::format("its clock and this machine's agree within {} ms",
                            std::chrono::ceil<Duration>(std::chrono::abs(facts.clock_ahead)).count()));
    return;
  }
  findings.warn(fmt::format("its clock is {:.1f} s {} this machine's: schedules follow the server's, logs this one's",
                            std::chrono::duration<double>(std::chrono::abs(facts.clock_ahead)).count(),
                            facts.clock_ahead.count() > 0 ? "ahead of" : "behind"),
                "let both synchronize with NTP");
}

std::string names_of(const std::vector<PgMissing>& missing) {
  constexpr std::string_view created = "created ";
  std::string names;
  for (const PgMissing& part : missing) {
    const std::string name = part.what.starts_with(created) ? part.what.substr(created.size()) : part.what;
    names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

void judge_disk(const SqliteFileFacts& facts, Findings& findings) {
  if (facts.free_bytes && *facts.free_bytes < static_cast<std::uint64_t>(little_disk)) {
    findings.warn("its disk has only " + bytes_text(static_cast<std::int64_t>(*facts.free_bytes)) + " free",
                  "free space before a big load");
  } else if (facts.free_bytes) {
    findings.ok("its disk has " + bytes_text(static_cast<std::int64_t>(*facts.free_bytes)) + " free");
  }
  if (facts.network.empty()) return;
  findings.warn(fmt::format("it is on a network file system ({}), whose locks SQLite cannot rely on", facts.network),
                "put it on a local disk, or use PostgreSQL");
}

}  // namespace

Finding finding_of(const std::string& where, const Error& error) {
  return {FindingLevel::error, where, error.message, "", error.kind != ErrorKind::invalid};
}

std::vector<Finding> findings_of(const std::string& where, const PgServerFacts& facts, const DatabaseUse& use,
                                 Duration clock_tolerance) {
  Findings findings(where);
  findings.ok(fmt::format("reached as role {}, {:.1f} ms from here", facts.role,
                          static_cast<double>(facts.round_trip.count()) / 1000));
  judge_version(facts, findings);
  judge_role(facts, use, findings);
  judge_durability(facts, findings);
  judge_disk(facts, use, findings);
  judge_clock(facts, clock_tolerance, findings);
  return std::move(findings.list);
}

std::vector<Finding> findings_of(const std::string& where, const PgSchemaFacts& facts, bool may_migrate) {
  Findings findings(where);
  if (!facts.missing_grants.empty()) {
    findings.error(fmt::format("schema \"{}\": privileges are missing", facts.schema),
                   fmt::format("run: {}", fmt::join(facts.missing_grants, "; ")));
  }
  const std::string names = names_of(facts.missing);
  if (facts.missing.empty()) {
    if (facts.missing_grants.empty()) findings.ok(fmt::format("schema \"{}\" has all of Baton's tables", facts.schema));
  } else if (!may_migrate) {
    findings.error(fmt::format("schema \"{}\" lacks {}, and `migrate: never` forbids making it", facts.schema, names),
                   "run `baton migrate` as a role that may");
  } else if (facts.missing_grants.empty()) {
    findings.ok(fmt::format("schema \"{}\" lacks {}, which `baton run` and `baton migrate` make", facts.schema, names));
  }
  return std::move(findings.list);
}

std::vector<Finding> findings_of(const std::string& where, const PgSpringFacts& facts) {
  Findings findings(where);
  if (facts.tables == 0) return {};
  findings.ok(fmt::format("Spring Batch {}'s tables, {}", facts.generation == JobKeyFormat::spring_batch_6 ? 6 : 5,
                          facts.adopted ? "adopted as another program made them" : "made by Baton"));
  if (!facts.recommended.empty()) {
    findings.warn(
        "indexes that Spring Batch recommends are missing: at 100,000 executions a look at a job's last run "
        "takes 55 ms instead of 0.5 ms",
        fmt::format("run: {}", fmt::join(facts.recommended, "; ")));
  }
  return std::move(findings.list);
}

std::vector<Finding> findings_of(const std::string& where, const std::string& schema, const PgSearchedSchema& facts) {
  Findings findings(where);
  if (!facts.exists) {
    findings.error(fmt::format("there is no schema \"{}\"", schema), "create it, or correct `schema`");
  } else if (!facts.usable) {
    findings.error(fmt::format("the role may not use schema \"{}\"", schema), "grant it USAGE on the schema");
  }
  return std::move(findings.list);
}

std::vector<Finding> findings_of(const std::string& where, const SqliteFileFacts& facts, bool writes) {
  Findings findings(where);
  if (facts.is_folder) {
    findings.error("it is a folder", "name a file");
  } else if (!facts.folder_exists) {
    findings.error("its folder does not exist", "make the folder, or correct the path");
  } else if (!facts.exists && !writes) {
    findings.error("there is no such file", "correct the path: Baton only reads from it");
  } else if (!facts.unreadable.empty()) {
    findings.error(facts.unreadable, "");
  } else if (facts.exists && !facts.writable && writes) {
    findings.error("this user may not write to it", "make file and folder writable");
  } else if (!facts.folder_writable && writes) {
    findings.error("this user may not write to its folder, where SQLite keeps its log", "make the folder writable");
  } else if (!facts.exists) {
    findings.ok("there is no file yet, Baton makes it");
  } else {
    findings.ok(fmt::format("there, {}{}", bytes_text(static_cast<std::int64_t>(facts.bytes)),
                            facts.journal.empty() ? ", empty" : ", journal: " + facts.journal));
    if (writes && facts.journal == "rollback") {
      findings.warn("it is not in WAL mode: who reads holds up who writes", "PRAGMA journal_mode = WAL");
    }
  }
  judge_disk(facts, findings);
  return std::move(findings.list);
}

std::vector<Finding> findings_of_repository(const std::string& where, bool needs_migration, bool may_migrate) {
  Findings findings(where);
  if (!needs_migration) {
    findings.ok("it has all of Baton's tables");
  } else if (may_migrate) {
    findings.ok("tables are missing or older, `baton run` and `baton migrate` make them");
  } else {
    findings.error("tables are missing or older, and `migrate: never` forbids making them", "run `baton migrate`");
  }
  return std::move(findings.list);
}

std::vector<Finding> findings_of(const PlannedStep& step) {
  const std::string where = step.job + "/" + step.step;
  Findings findings(where);
  for (const Error& problem : step.problems) findings.list.push_back(finding_of(where, problem));
  for (const std::string& note : step.notes) findings.warn(note, "");
  if (const auto* load = std::get_if<PlannedLoad>(&step.work)) {
    if (!load->target.text_reason.empty() && !load->input.columns.empty()) {
      findings.warn("loaded by text COPY, which is slower than binary: " + load->target.text_reason,
                    "give the column another type, if the speed matters");
    }
    if (load->target.row_security) {
      findings.warn(
          "row-level security applies to the role: rows go through a temporary table, since COPY cannot write them; "
          "one that no policy allows ends the run, and those that no policy shows are neither changed nor deleted",
          "check the table's policies, or load as its owner, where it has no FORCE ROW LEVEL SECURITY, or as a role "
          "with BYPASSRLS");
    }
    if (findings.list.empty()) findings.ok(fmt::format("{} fits {}", load->input.name, load->target.table));
  }
  if (findings.list.empty()) findings.ok("can be run");
  return std::move(findings.list);
}

}  // namespace baton
