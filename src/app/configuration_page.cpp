// baton.yaml(5) is the reference of the configuration in another form: what stands there in Markdown, here in roff.
#include "app/manual_page.h"
#include "app/roff.h"

#include <fmt/format.h>
#include <vector>

namespace baton {
namespace {

constexpr const char* head = R"(.SH NAME
baton.yaml \- the configuration of Baton
.SH DESCRIPTION
Every key, its values and its default.
.I NAME
stands for names of your choice, [] for each entry of a list.
What the keys mean together is said in
.IR /usr/share/doc/baton/docs/configuration.md .
.PP
.B baton validate
checks a configuration, and names the line of each mistake.
${NAME}, ${NAME:\-default} and ${file:PATH} are replaced in values.
)";

// A bar within a cell has a backslash before it.
std::vector<std::string> cells(const std::string& row) {
  std::vector<std::string> found;
  std::string cell;
  for (std::size_t i = 2; i < row.size(); ++i) {
    if (row.compare(i, 2, "\\|") == 0) continue;
    if (row[i] == '|' && row[i - 1] == ' ') {
      found.push_back(cell.substr(0, cell.size() - 1));
      cell.clear();
      ++i;
    } else {
      cell += row[i];
    }
  }
  return found;
}

// [`text`](#place), `text`: only the text.
std::string plain(const std::string& markdown) {
  std::string text;
  for (std::size_t i = 0; i < markdown.size(); ++i) {
    if (markdown.compare(i, 2, "[`") == 0) continue;
    if (markdown.compare(i, 3, "](#") == 0) {
      i = markdown.find(')', i);
    } else if (markdown[i] != '`') {
      text += markdown[i];
    }
  }
  return text;
}

std::string entry(const std::string& row) {
  const std::vector<std::string> cell = cells(row);
  std::string text = fmt::format(".TP\n{} ({}", roff::bold(plain(cell[0])), roff::escaped(plain(cell[1])));
  if (cell[2] == "needed") text += "; needed";
  if (cell[2].starts_with('`')) text += "; default " + roff::bold(plain(cell[2]));
  return text + ")\n" + roff::escaped(plain(cell[3])) + "\n";
}

}  // namespace

std::string configuration_page(const std::string& reference, const std::string& version) {
  std::string page = fmt::format(".TH BATON.YAML 5 \"\" \"Baton {}\" \"Baton\"\n", roff::escaped(version));
  page += head;
  page += ".SH KEYS\n";
  // Before the first table stands what is said above.
  for (std::size_t at = reference.find("\n|"); at != std::string::npos && at + 1 < reference.size();) {
    const std::size_t end = reference.find('\n', at + 1);
    const std::string line = reference.substr(at + 1, end - at - 1);
    at = end;
    if (line.starts_with("## ")) {
      page += fmt::format(".SH {}\n", roff::escaped(plain(line.substr(3))));
    } else if (line.starts_with("| `")) {
      page += entry(line);
    } else if (!line.empty() && !line.starts_with('|')) {
      page += roff::escaped(plain(line)) + "\n";
    }
  }
  return page + ".SH SEE ALSO\n.BR baton (1)\n";
}

}  // namespace baton
