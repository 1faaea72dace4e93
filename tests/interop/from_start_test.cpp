// --from-start beside a replica that owns the job.
#include "tests/interop/interop_fixture.h"

namespace baton {
namespace {

class FromStart : public InteropTest {};

TEST_P(FromStart, P11OwnerIsAskedAndDoesIt) {
  java("schema");
  java_leaves_failed();
  configure();
  numbers(5);
  Program replica(request({"run"}));
  const auto owned = [&] {
    const ProgramEnd end = run({"restart", "prices"});  // refused, by the replica once it owns the job
    EXPECT_EQ(end.exit_code, 1) << end.errors;
    EXPECT_THAT(end.errors + end.output, HasSubstr("--from-start"));
    return end.errors.find("is asked to do it") != std::string::npos;
  };
  ASSERT_TRUE(await(owned));
  EXPECT_EQ(loaded(), loaded(2));
  database_.query("TRUNCATE public.prices");
  const ProgramEnd end = run({"restart", "prices", "--from-start"});
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("is asked to do it"));
  EXPECT_EQ(loaded(), loaded(5));
  EXPECT_EQ(explored()["count"], 1);
  replica.signal(SIGTERM);
  EXPECT_EQ(replica.wait().exit_code, 0);
}

BATON_INTEROP_SUITE(FromStart);

}  // namespace
}  // namespace baton
