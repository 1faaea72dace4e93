#include "postgres/table_staging.h"

#include <fmt/format.h>
#include <xxhash.h>
#include <algorithm>
#include <array>

namespace baton {
namespace {

// Both parts see the table as it was before.
constexpr const char* left_out = "WITH taken AS ({} RETURNING 1) SELECT ({}) - (SELECT count(*) FROM taken)";

constexpr std::size_t most_name_bytes = 63;  // NAMEDATALEN - 1

bool arrive(const PgTablePlan& plan, const std::vector<std::string>& columns) {
  return std::all_of(columns.begin(), columns.end(), [&](const std::string& name) {
    return std::any_of(plan.columns.begin(), plan.columns.end(),
                       [&](const PgTargetColumn& column) { return column.name == name; });
  });
}

std::string overriding(const PgTablePlan& plan) {
  const bool any = std::any_of(plan.columns.begin(), plan.columns.end(),
                               [](const PgTargetColumn& column) { return column.identity_always; });
  return any ? " OVERRIDING SYSTEM VALUE" : "";
}

// Whether the stored value would change. Types whose = is missing, or calls values equal that are written differently,
// are compared as text.
std::string differs(const PgTargetColumn& column) {
  const std::string name = PgConnection::quoted_name(column.name);
  const PgCodec codec = column.encoder.codec == PgCodec::array ? column.encoder.element->codec : column.encoder.codec;
  constexpr std::array<PgCodec, 6> loose{PgCodec::none,     PgCodec::json,   PgCodec::jsonb,
                                         PgCodec::interval, PgCodec::float4, PgCodec::float8};
  const bool as_text = std::find(loose.begin(), loose.end(), codec) != loose.end() ||
                       (codec == PgCodec::numeric && column.encoder.precision == 0);
  const std::string_view cast = as_text ? "::text" : !column.collation.empty() ? " COLLATE \"C\"" : "";
  return fmt::format("baton_target.{0}{1} IS DISTINCT FROM excluded.{0}{1}", name, cast);
}

// Whether a row of the target would change; empty where none can.
std::string any_differs(const PgTablePlan& plan, const std::vector<std::string>& key) {
  std::string any;
  for (const PgTargetColumn& column : plan.columns) {
    if (is_merged(column, key)) any += (any.empty() ? "" : " OR ") + differs(column);
  }
  return any;
}

// "excluded"."id" = baton_target."id" AND …
std::string same_key(const std::vector<std::string>& key, std::string_view relation) {
  std::string same;
  for (const std::string& column : key) {
    const std::string name = PgConnection::quoted_name(column);
    same += fmt::format("{}{}.{} = baton_target.{}", same.empty() ? "" : " AND ", relation, name, name);
  }
  return same;
}

// The last staged row of each key.
std::string last_staged_sql(const PgTablePlan& plan, const std::vector<std::string>& key, const std::string& staging,
                            const std::string& range) {
  const std::string by = quoted_list(key);
  return fmt::format("SELECT DISTINCT ON ({}) {} FROM {}{} ORDER BY {}, {} DESC", by, quoted_list(column_names(plan)),
                     staging, range.empty() ? "" : " WHERE " + range, by, staged_record);
}

// The columns of a unique key that all arrive and are never NULL, the primary key first.
const PgUniqueKey* arriving_key(const PgTablePlan& plan, const PgTableShape& target) {
  for (const PgUniqueKey& key : target.unique_keys) {
    if (!arrive(plan, key.columns)) continue;
    const bool can_be_null = std::any_of(plan.columns.begin(), plan.columns.end(), [&](const PgTargetColumn& column) {
      return !column.not_null && std::find(key.columns.begin(), key.columns.end(), column.name) != key.columns.end();
    });
    if (!can_be_null) return &key;
  }
  return nullptr;
}

}  // namespace

std::string pg_staging_name(const std::string& repository_id, std::int64_t instance, const std::string& schema,
                            const std::string& table) {
  constexpr std::size_t enough_to_differ = 8;
  const std::string whole = to_text(PgTableName{schema, table});
  const auto hash = static_cast<std::uint32_t>(XXH3_64bits(whole.data(), whole.size()));
  std::string name =
      fmt::format("baton_stage_{}_{}_{:08x}_", repository_id.substr(0, enough_to_differ), instance, hash);
  for (const char c : table) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (is_plain && name.size() < most_name_bytes) name += c;
  }
  return name;
}

std::string staging_columns(const PgTablePlan& plan, const PgTableShape& target, StagedKeys keys) {
  std::string body = fmt::format("({} bigint", staged_record);
  const bool checks_values = target.triggers.empty();
  for (const PgTargetColumn& column : plan.columns) {
    body += fmt::format(", {} {}", PgConnection::quoted_name(column.name), column.declared);
    if (!column.collation.empty()) body += " COLLATE " + column.collation;
    if (column.not_null && checks_values) body += " NOT NULL";
  }
  for (const PgCheck& check : target.checks) {
    if (!checks_values || !arrive(plan, check.columns)) continue;
    body += fmt::format(", CONSTRAINT {} {}", PgConnection::quoted_name(check.name), check.definition);
  }
  for (const PgUniqueKey& key : target.unique_keys) {
    if (keys != StagedKeys::enforced || !arrive(plan, key.columns)) continue;
    body +=
        fmt::format(", UNIQUE{} ({})", key.nulls_not_distinct ? " NULLS NOT DISTINCT" : "", quoted_list(key.columns));
  }
  return body + ")";
}

std::string insert_staged_sql(const PgTablePlan& plan, const std::string& staging, const std::string& range) {
  const std::string columns = quoted_list(column_names(plan));
  return fmt::format("INSERT INTO {} ({}){} SELECT {} FROM {}{}", plan.quoted(), columns, overriding(plan), columns,
                     staging, range.empty() ? "" : " WHERE " + range);
}

bool is_merged(const PgTargetColumn& column, const std::vector<std::string>& key) {
  return !column.identity_always && std::find(key.begin(), key.end(), column.name) == key.end();
}

std::string merge_staged_sql(const PgTablePlan& plan, const std::vector<std::string>& key, const std::string& staging,
                             const std::string& range) {
  std::string assignments;
  for (const PgTargetColumn& column : plan.columns) {
    if (!is_merged(column, key)) continue;
    const std::string name = PgConnection::quoted_name(column.name);
    assignments += fmt::format("{}{} = excluded.{}", assignments.empty() ? "" : ", ", name, name);
  }
  const std::string action =
      assignments.empty() ? "NOTHING" : fmt::format("UPDATE SET {} WHERE {}", assignments, any_differs(plan, key));
  return fmt::format("INSERT INTO {} AS baton_target ({}){} {} ON CONFLICT ({}) DO {}", plan.quoted(),
                     quoted_list(column_names(plan)), overriding(plan), last_staged_sql(plan, key, staging, range),
                     quoted_list(key), action);
}

std::string insert_and_count_sql(const PgTablePlan& plan, const std::string& staging, const std::string& range) {
  return fmt::format(left_out, insert_staged_sql(plan, staging, range),
                     fmt::format("SELECT count(*) FROM {}{}", staging, range.empty() ? "" : " WHERE " + range));
}

std::string merge_and_count_sql(const PgTablePlan& plan, const std::vector<std::string>& key,
                                const std::string& staging, const std::string& range) {
  const std::string differ = any_differs(plan, key);
  const std::string due = fmt::format(
      "SELECT count(*) FROM ({}) AS excluded LEFT JOIN {} AS baton_target ON {} WHERE baton_target.{} IS NULL{}",
      last_staged_sql(plan, key, staging, range), plan.quoted(), same_key(key, "excluded"),
      PgConnection::quoted_name(key.front()), differ.empty() ? "" : " OR " + differ);
  return fmt::format(left_out, merge_staged_sql(plan, key, staging, range), due);
}

// All are deleted before the first comes back: each row that comes back needs the number of those that went.
std::string move_staged_sql(const PgTablePlan& plan, const PgTableShape& target, const std::vector<std::string>& key,
                            const std::string& staging, const std::string& range) {
  const std::string differ = any_differs(plan, key);
  if (differ.empty()) return {};
  std::string columns;
  std::string returned;
  for (const PgShapeColumn& column : target.columns) {
    if (column.generated) continue;
    const auto arriving = std::find_if(plan.columns.begin(), plan.columns.end(),
                                       [&](const PgTargetColumn& one) { return one.name == column.name; });
    const bool changed = arriving != plan.columns.end() && is_merged(*arriving, key);
    const std::string name = PgConnection::quoted_name(column.name);
    columns += (columns.empty() ? "" : ", ") + name;
    returned += fmt::format("{}{}.{}", returned.empty() ? "" : ", ", changed ? "excluded" : "baton_target", name);
  }
  return fmt::format(
      "WITH gone AS (DELETE FROM {}{} AS baton_target USING ({}) AS excluded WHERE {} AND ({}) RETURNING {}), "
      "all_gone AS (SELECT count(*) AS rows FROM gone) INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM "
      "gone CROSS JOIN all_gone WHERE all_gone.rows > 0",
      target.partitioned ? "" : "ONLY ", plan.quoted(), last_staged_sql(plan, key, staging, range),
      same_key(key, "excluded"), differ, returned, plan.quoted(), columns, columns);
}

std::string delete_unstaged_sql(const PgTablePlan& plan, const PgTableShape& target,
                                const std::vector<std::string>& key, const std::string& staging) {
  return fmt::format("DELETE FROM {}{} AS baton_target WHERE NOT EXISTS (SELECT FROM {} AS staged WHERE {})",
                     target.partitioned ? "" : "ONLY ", plan.quoted(), staging, same_key(key, "staged"));
}

Result<PgReplaceWay> way_to_replace(const PgTablePlan& plan, const PgTableShape& target, const std::string& staging) {
  if (!target.referenced) {
    return PgReplaceWay{fmt::format("{} {}{}", target.may_truncate ? "TRUNCATE TABLE" : "DELETE FROM",
                                    target.partitioned ? "" : "ONLY ", plan.quoted()),
                        {}};
  }
  const PgUniqueKey* key = arriving_key(plan, target);
  if (key == nullptr) {
    return fail(ErrorKind::invalid,
                fmt::format("foreign keys of other tables lead to {}.{}, and no unique key of it arrives by which its "
                            "rows could be kept: map the columns of its primary key, or use mode upsert or mirror",
                            plan.schema, plan.table));
  }
  return PgReplaceWay{fmt::format("ANALYZE {}; {}", staging, delete_unstaged_sql(plan, target, key->columns, staging)),
                      key->columns};
}

}  // namespace baton
