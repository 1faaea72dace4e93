// A configuration with one job that loads prices.csv into the table prices of warehouse.db.
#pragma once

#include <string>

namespace baton {

struct LoadJob {
  std::string table = "name: prices, create: true, columns: { id: integer, price: double }";
  std::string csv = "path: prices.csv";
  std::string step = "";  // more keys of the step
  std::string job = "";   // more keys of the job
  std::string top = "";   // more keys of the file

  std::string text() const {
    return "locks: { refresh: 50ms }\n" + top +
           "\nconnections:\n  warehouse: { url: \"sqlite:warehouse.db\" }\n"
           "jobs:\n  prices:\n    " +
           (job.empty() ? "schedule: manual" : job) + "\n    steps:\n      - name: load\n        read: { csv: { " +
           csv + " } }\n        write: { table: { connection: warehouse, " + table + " } }\n        " + step + "\n";
  }
};

// id,price and so many records.
inline std::string prices(int records, int from = 1) {
  std::string text = "id,price\n";
  for (int i = from; i < from + records; ++i) text += std::to_string(i) + "," + std::to_string(i) + ".5\n";
  return text;
}

// A job of one command, which is given to sh.
inline std::string command_job(const std::string& name, const std::string& script) {
  return "  " + name + ":\n    steps:\n      - name: work\n        command:\n          argv: [sh, -c, '" + script +
         "']\n";
}

}  // namespace baton
