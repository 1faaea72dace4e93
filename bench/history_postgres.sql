-- A history for scripts/bench monitoring: :runs runs of each of :jobs jobs, one a minute and the newest just now, each
-- an instance with one execution of one step. Into an empty job repository of Baton's.
\set executions :jobs * :runs
BEGIN;
CREATE TEMPORARY TABLE run ON COMMIT DROP AS
  SELECT n + 1 AS id, 'job-' || lpad((n % :jobs)::text, 4, '0') AS job,
         clock_timestamp() - (:runs - n / :jobs) * interval '1 minute' AS at
  FROM generate_series(0::bigint, :executions - 1) n;
INSERT INTO batch_job_instance (job_instance_id, version, job_name, job_key) SELECT id, 0, job, md5(id::text) FROM run;
INSERT INTO batch_job_execution (job_execution_id, version, job_instance_id, create_time, start_time, end_time, status,
                                 exit_code, exit_message, last_updated)
  SELECT id, 2, id, at AT TIME ZONE 'UTC', at AT TIME ZONE 'UTC', (at + interval '1 second') AT TIME ZONE 'UTC',
         'COMPLETED', 'COMPLETED', '', at AT TIME ZONE 'UTC' FROM run;
INSERT INTO batch_job_execution_params (job_execution_id, parameter_name, parameter_type, parameter_value, identifying)
  SELECT id, 'run.id', 'java.lang.Long', id::text, 'Y' FROM run;
INSERT INTO batch_step_execution (step_execution_id, version, step_name, job_execution_id, create_time, start_time,
                                  end_time, status, commit_count, read_count, filter_count, write_count,
                                  read_skip_count, write_skip_count, process_skip_count, rollback_count, exit_code,
                                  exit_message, last_updated)
  SELECT id, 3, 'nothing', id, at AT TIME ZONE 'UTC', at AT TIME ZONE 'UTC', (at + interval '1 second') AT TIME ZONE 'UTC',
         'COMPLETED', 1, 10, 0, 10, 0, 0, 0, 0, 'COMPLETED', '', at AT TIME ZONE 'UTC' FROM run;
INSERT INTO baton_execution (job_execution_id, job, fence, replica, reason, created_at, started_at, ended_at, open)
  SELECT id, job, 1, 'bench-1', 'schedule', at, at, at + interval '1 second', false FROM run;
SELECT setval(s, :executions) FROM unnest('{batch_job_seq,batch_job_execution_seq,batch_step_execution_seq}'::text[]) s
  WHERE to_regclass(s) IS NOT NULL;
COMMIT;
ANALYZE;
