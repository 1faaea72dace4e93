-- The same as history_postgres.sql; .parameter set :jobs and :runs before.
BEGIN;
CREATE TEMPORARY TABLE run AS
  WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n + 1 < :jobs * :runs)
  SELECT n + 1 AS id, printf('job-%04d', n % :jobs) AS job,
         strftime('%Y-%m-%d %H:%M:%f', 'now', printf('-%d minutes', :runs - n / :jobs)) AS at,
         strftime('%Y-%m-%d %H:%M:%f', 'now', printf('-%d minutes', :runs - n / :jobs), '+1 second') AS ended
  FROM n;
INSERT INTO BATCH_JOB_INSTANCE (JOB_INSTANCE_ID, VERSION, JOB_NAME, JOB_KEY) SELECT id, 0, job, printf('%032d', id) FROM run;
INSERT INTO BATCH_JOB_EXECUTION (JOB_EXECUTION_ID, VERSION, JOB_INSTANCE_ID, CREATE_TIME, START_TIME, END_TIME, STATUS,
                                 EXIT_CODE, EXIT_MESSAGE, LAST_UPDATED)
  SELECT id, 2, id, at, at, ended, 'COMPLETED', 'COMPLETED', '', at FROM run;
INSERT INTO BATCH_JOB_EXECUTION_PARAMS (JOB_EXECUTION_ID, PARAMETER_NAME, PARAMETER_TYPE, PARAMETER_VALUE, IDENTIFYING)
  SELECT id, 'run.id', 'java.lang.Long', id, 'Y' FROM run;
INSERT INTO BATCH_STEP_EXECUTION (STEP_EXECUTION_ID, VERSION, STEP_NAME, JOB_EXECUTION_ID, CREATE_TIME, START_TIME,
                                  END_TIME, STATUS, COMMIT_COUNT, READ_COUNT, FILTER_COUNT, WRITE_COUNT,
                                  READ_SKIP_COUNT, WRITE_SKIP_COUNT, PROCESS_SKIP_COUNT, ROLLBACK_COUNT, EXIT_CODE,
                                  EXIT_MESSAGE, LAST_UPDATED)
  SELECT id, 3, 'nothing', id, at, at, ended, 'COMPLETED', 1, 10, 0, 10, 0, 0, 0, 0, 'COMPLETED', '', at FROM run;
INSERT INTO baton_execution (job_execution_id, job, fence, replica, reason) SELECT id, job, 1, 'bench-1', 'schedule' FROM run;
COMMIT;
