#include "postgres/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string conninfo(const std::string& url) {
  const auto settings = pg_settings({Redacted<std::string>(url), {}, {}, {}, "shown"}, "baton");
  EXPECT_TRUE(settings) << settings.error().message;
  return settings ? settings->conninfo.reveal() : "";
}

TEST(PgSettings, LibpqUrlIsTakenAsItIs) {
  const std::string info = conninfo("postgresql://me:se%40cret@db.example:5433/scale_poc?sslmode=require");
  EXPECT_THAT(info, HasSubstr("host='db.example'"));
  EXPECT_THAT(info, HasSubstr("port='5433'"));
  EXPECT_THAT(info, HasSubstr("user='me'"));
  EXPECT_THAT(info, HasSubstr("password='se@cret'"));
  EXPECT_THAT(info, HasSubstr("dbname='scale_poc'"));
  EXPECT_THAT(info, HasSubstr("sslmode='require'"));
}

TEST(PgSettings, OutsideLoopbackTheCertificateIsChecked) {
  EXPECT_THAT(conninfo("postgresql://db.example/d"), HasSubstr("sslmode='verify-full'"));
  EXPECT_THAT(conninfo("host=10.0.0.1 dbname=d"), HasSubstr("sslmode='verify-full'"));
  EXPECT_THAT(conninfo("postgresql://localhost,db.example/d"), HasSubstr("sslmode='verify-full'"));
  EXPECT_THAT(conninfo("postgresql://localhost/d"), Not(HasSubstr("sslmode")));
  EXPECT_THAT(conninfo("postgresql://[::1]/d"), Not(HasSubstr("sslmode")));
  EXPECT_THAT(conninfo("postgresql:///d?host=/var/run/postgresql"), Not(HasSubstr("sslmode")));
  EXPECT_THAT(conninfo("postgresql://db.example/d?sslmode=disable"), HasSubstr("sslmode='disable'"));
}

TEST(PgSettings, JdbcUrlHasItsParametersTranslated) {
  const auto settings = pg_settings(
      {Redacted<std::string>("jdbc:postgresql://localhost:5432/scale_poc?currentSchema=datasync&user=a&password=b%26c"),
       {},
       {},
       {},
       "shown"},
      "baton");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->schema, "datasync");
  EXPECT_THAT(settings->conninfo.reveal(), HasSubstr("dbname='scale_poc'"));
  EXPECT_THAT(settings->conninfo.reveal(), HasSubstr("user='a'"));
  EXPECT_THAT(settings->conninfo.reveal(), HasSubstr("password='b&c'"));
}

TEST(PgSettings, KeysTakePrecedenceOverTheUrl) {
  const auto settings = pg_settings(
      {Redacted<std::string>("postgresql://a:b@localhost/d"), "c", Redacted<std::string>("it's"), "s", "shown"},
      "baton");
  ASSERT_TRUE(settings);
  EXPECT_THAT(settings->conninfo.reveal(), HasSubstr("user='c'"));
  EXPECT_THAT(settings->conninfo.reveal(), HasSubstr(R"(password='it\'s')"));
  EXPECT_EQ(settings->schema, "s");
}

TEST(PgSettings, APieceOfThePasswordInThePlaceOfTheHostThenTheUrlIsInvalid) {
  for (const std::string rest : {"postgres:a@SECRET@127.0.0.1:5432/d", "postgres:a@SECRET:b@127.0.0.1:5432/d",
                                 "postgres:pa/SECRET@127.0.0.1/d", "postgres:123/SECRET@h/d?user=u"}) {
    for (const std::string scheme : {"postgresql://", "postgres://", "jdbc:postgresql://"}) {
      const auto settings = pg_settings({Redacted<std::string>(scheme + rest), {}, {}, {}, "shown"}, "baton");
      ASSERT_FALSE(settings) << scheme << rest;
      EXPECT_EQ(settings.error().kind, ErrorKind::invalid);
      EXPECT_THAT(settings.error().message, AllOf(HasSubstr("%40"), Not(HasSubstr("SECRET"))));
    }
  }
}

TEST(PgSettings, JdbcUrlWithSeveralSchemasThenTheFirstIsMeant) {
  const auto settings = pg_settings(
      {Redacted<std::string>("jdbc:postgresql://localhost/d?currentSchema=datasync,public"), {}, {}, {}, "shown"}, "b");
  EXPECT_EQ(settings.value().schema, "datasync");
}

TEST(PgSettings, JdbcUrlWithAQuotedSchemaThenItsNameIsWithoutQuotes) {
  const auto schema = [](const std::string& value) {
    return pg_settings({Redacted<std::string>("jdbc:postgresql://localhost/d?currentSchema=" + value), {}, {}, {}, "x"},
                       "b")
        .value()
        .schema;
  };
  EXPECT_EQ(schema("do.t"), "do.t");
  EXPECT_EQ(schema("%22do.t%22"), "do.t");
  EXPECT_EQ(schema("%22a,b%22%22%22,public"), "a,b\"");
}

TEST(PgSettings, WhatLibpqRefusesOnlyWhenItConnectsIsInvalidToo) {
  for (const std::string url :
       {"postgresql://h:99999/d", "postgresql://h:5432,g:0/d", "host=h port=x", "jdbc:postgresql://h:123456/d",
        "postgresql://h/d?sslmode=verify_full", "jdbc:postgresql://h/d?sslmode=on", "sslmode='' port=5432x"}) {
    const auto settings = pg_settings({Redacted<std::string>(url), {}, {}, {}, "shown"}, "baton");
    ASSERT_FALSE(settings) << url;
    EXPECT_EQ(settings.error().kind, ErrorKind::invalid);
    EXPECT_THAT(settings.error().message, AllOf(HasSubstr("shown: "), HasSubstr("expected"))) << url;
    EXPECT_FALSE(check_pg_url(url)) << url;
  }
  for (const std::string url : {"postgresql://h:5432,g/d?sslmode=prefer", "port='' host=h", "jdbc:postgresql:d",
                                "postgresql://u:p%40ss@h:1,g:65535/d?sslmode=verify-full", "postgresql://"}) {
    EXPECT_TRUE(check_pg_url(url)) << url;
  }
}

TEST(PgSettings, AUrlThatCannotBeReadIsInvalidWithoutItsSecrets) {
  const auto settings =
      pg_settings({Redacted<std::string>("postgresql://u:sec%ret@h/d"), {}, {}, {}, "postgresql://h/d"}, "baton");
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().kind, ErrorKind::invalid);
  EXPECT_THAT(settings.error().message, Not(HasSubstr("sec")));
}

TEST(PgSettings, AHostThatTheEnvironmentOrAServiceNamesThenVerifiedToo) {
  const auto encrypted = [](const std::string& text) {
    return pg_settings({Redacted<std::string>(text), {}, {}, {}, "x"}, "b").value().encrypted;
  };
  EXPECT_FALSE(encrypted("postgresql://u:p@/db"));
  EXPECT_TRUE(encrypted("postgresql://u:p@/db?service=elsewhere"));
  EXPECT_TRUE(encrypted("postgresql://127.example.com/db"));
  ::setenv("PGHOST", "db.example.com", 1);
  EXPECT_TRUE(encrypted("postgresql://u:p@/db"));
  EXPECT_FALSE(encrypted("postgresql://u:p@localhost/db"));
  ::setenv("PGHOST", "/var/run/postgresql", 1);
  EXPECT_FALSE(encrypted("postgresql://u:p@/db"));
  ::unsetenv("PGHOST");
}

}  // namespace
}  // namespace baton
