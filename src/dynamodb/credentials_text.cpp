#include "dynamodb/credentials_text.h"

#include <fmt/format.h>
#include <charconv>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Reads a fixed-width number at `at`, then skips one character.
bool number(std::string_view text, std::size_t at, std::size_t width, int& into) {
  if (at + width > text.size()) return false;
  const char* const end = text.data() + at + width;
  const auto parsed = std::from_chars(text.data() + at, end, into);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

// "Z", "+01:00" or "-0100" as what is to be subtracted.
std::optional<minutes> offset_in(std::string_view text) {
  if (text == "Z") return minutes(0);
  int hour = 0;
  int minute = 0;
  if (text.size() < 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  if (!number(text, 1, 2, hour) || !number(text, text.size() - 2, 2, minute)) return std::nullopt;
  const minutes offset = hours(hour) + minutes(minute);
  return text[0] == '+' ? offset : -offset;
}

std::string_view tag(std::string_view text, std::string_view name) {
  const std::string open = fmt::format("<{}>", name);
  const auto from = text.find(open);
  if (from == std::string_view::npos) return {};
  const auto to = text.find(fmt::format("</{}>", name), from);
  if (to == std::string_view::npos) return {};
  return text.substr(from + open.size(), to - from - open.size());
}

Result<AwsCredentials> made_of(std::string id, std::string secret, std::string token, const std::string& expiration) {
  if (id.empty() || secret.empty()) return fail(ErrorKind::retry, "the answer holds no access key and secret");
  AwsCredentials credentials{std::move(id), Redacted<std::string>(std::move(secret)), std::nullopt, std::nullopt, {},
                             false};
  if (!token.empty()) credentials.session_token = Redacted<std::string>(std::move(token));
  if (expiration.empty()) return credentials;
  credentials.expires = aws_time(expiration);
  if (!credentials.expires) return fail(ErrorKind::retry, fmt::format("its Expiration '{}' is no time", expiration));
  return credentials;
}

}  // namespace

std::optional<WallTime> aws_time(std::string_view text) {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!number(text, 0, 4, year) || !number(text, 5, 2, month) || !number(text, 8, 2, day) ||
      !number(text, 11, 2, hour) || !number(text, 14, 2, minute) || !number(text, 17, 2, second)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const auto offset = offset_in(text.substr(std::min(text.size(), text.find_first_of("Z+-", 19))));
  if (!date.ok() || !offset) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + hours(hour) + minutes(minute) + std::chrono::seconds(second) - *offset;
}

Result<AwsCredentials> credentials_in_json(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return fail(ErrorKind::retry, "the answer is no JSON object");
  const auto value = [&](const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  std::string token = value("SessionToken");
  if (token.empty()) token = value("Token");
  return made_of(value("AccessKeyId"), value("SecretAccessKey"), std::move(token), value("Expiration"));
}

Result<AwsCredentials> credentials_in_xml(std::string_view text) {
  const std::string_view found = tag(text, "Credentials");
  return made_of(std::string(tag(found, "AccessKeyId")), std::string(tag(found, "SecretAccessKey")),
                 std::string(tag(found, "SessionToken")), std::string(tag(found, "Expiration")));
}

std::string xml_error(std::string_view text) { return fmt::format("{}: {}", tag(text, "Code"), tag(text, "Message")); }

}  // namespace baton
