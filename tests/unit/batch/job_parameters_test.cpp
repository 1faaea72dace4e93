#include "batch/job_parameters.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

struct Vector {
  std::vector<const char*> parameters;
  const char* key_5;
  const char* key_6;  // nullptr where no reference is known
};

// Made by the real DefaultJobKeyGenerator of Spring Batch 5.2.6 and 6.0.4.
TEST(JobKey, EqualsSpringBatchsOwn) {
  const Vector vectors[] = {
      {{}, "d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e"},
      {{"date=2024-01-15"}, "243cc6aaf5b660a2158d6755b876a232", "785a1d529677ee350f06a7d4973f0992"},
      {{"run.id=1,Long"}, "947cce338b790a4bb6cf8425e98bcf94", "c10c24e08259063ee40f28b6aa617f12"},
      {{"d=2024-01-15,java.time.LocalDate"}, "f90247a204b20f7dd3f3cd078c6787e0", "a5683d20c66804a455e2c4c90e8a6fd4"},
      {{"d=1,Double"}, "fdab4acbd24d97dbc019e077c7f52105", nullptr},
      {{"d=1e10,Double"}, "f28185678637e899f1a42739bee92361", nullptr},
      {{"d=2024-01-15T00:00,LocalDateTime"}, "00b446535dbf474f2c4ccdee8ab32947", nullptr},
      {{"d=10:15:30,LocalTime"}, "cb5fd49ca924fb1ae6b19fa2ee6054c3", nullptr},
      {{"note=x,String,false", "run.id=7,Long", "file=in.csv"},
       "8f18748b80c28335879caeda6266e23a",
       "2f59de1f52c4230966e995650e3ec440"},
  };
  for (const Vector& vector : vectors) {
    JobParameters parameters;
    for (const char* text : vector.parameters) parameters.push_back(parse_job_parameter(text).value());
    EXPECT_EQ(job_key(parameters, JobKeyFormat::spring_batch_5), vector.key_5);
    if (vector.key_6 != nullptr) {
      EXPECT_EQ(job_key(parameters, JobKeyFormat::spring_batch_6), vector.key_6);
    }
  }
}

TEST(JobParameters, StoredFormIsIsoAndCanonical) {
  EXPECT_EQ(stored_value("java.time.LocalTime", "10:15").value(), "10:15:00");
  EXPECT_EQ(stored_value("java.time.LocalDateTime", "2024-01-15T10:15:30.120").value(), "2024-01-15T10:15:30.12");
  EXPECT_EQ(stored_value("java.lang.Double", "100").value(), "100.0");
  EXPECT_EQ(stored_value("java.lang.Double", "1e7").value(), "1.0E7");
  EXPECT_EQ(stored_value("java.lang.Double", "0.00001").value(), "1.0E-5");
  EXPECT_EQ(stored_value("java.lang.Double", "0.001").value(), "0.001");
  EXPECT_EQ(stored_value("java.lang.Double", "-12345.678").value(), "-12345.678");
  EXPECT_EQ(stored_value("java.lang.Long", "007").value(), "7");
}

TEST(JobParameters, WrongValuesAreRefusedWithWhatWasExpected) {
  const char* wrong[] = {"d=2024-02-30,LocalDate",
                         "n=1.5,Long",
                         "n=99999999999,Integer",
                         "b=yes,Boolean",
                         "t=25:00,LocalTime",
                         "x=1,Strange",
                         "noequals",
                         "d=2024-01-15T00:00:00Z,Date"};
  for (const char* text : wrong) {
    const auto parsed = parse_job_parameter(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
  }
  EXPECT_TRUE(parse_job_parameter("d=2024-01-15T00:00:00Z,Date,false"));
}

}  // namespace
}  // namespace baton
