-- One row a job: how many executions are Java's and how many Baton's, and whether they are one history: run.id counts on
-- without a gap, nobody ran the job while another one did, and nothing is left open.
WITH runs AS (
  SELECT job_name, e.job_execution_id, job_instance_id, start_time, end_time, b.fence IS NULL AS java,
         (SELECT parameter_value::bigint FROM datasync.batch_job_execution_params p
          WHERE p.job_execution_id = e.job_execution_id AND parameter_name = 'run.id') AS run_id,
         lag(end_time) OVER (PARTITION BY job_name ORDER BY e.job_execution_id) AS ended_before
  FROM datasync.batch_job_execution e
  JOIN datasync.batch_job_instance USING (job_instance_id)
  LEFT JOIN datasync.baton_execution b ON b.job_execution_id = e.job_execution_id)
SELECT job_name AS job, count(*) FILTER (WHERE java) AS java, count(*) FILTER (WHERE NOT java) AS baton,
       min(run_id) || ' to ' || max(run_id) AS run_ids,
       CASE WHEN max(run_id) <> count(DISTINCT job_instance_id) OR max(run_id) <> count(DISTINCT run_id)
              THEN 'run.id has gaps'
            WHEN bool_or(start_time < ended_before) THEN 'two at once'
            WHEN bool_or(end_time IS NULL) THEN 'one is open'
            ELSE 'yes' END AS continuous
FROM runs GROUP BY job_name ORDER BY job_name
