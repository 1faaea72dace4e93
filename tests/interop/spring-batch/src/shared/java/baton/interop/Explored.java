package baton.interop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

// Where a class stands depends on the generation; each of these packages exists in both.
import org.springframework.batch.core.*;
import org.springframework.batch.core.job.*;
import org.springframework.batch.core.step.*;

/** What a JobExplorer sees, as maps. */
final class Explored {
  private final Generation batch;

  Explored(Generation batch) {
    this.batch = batch;
  }

  Map<String, Object> job(String name) throws Exception {
    var explorer = batch.explorer;
    Map<String, Object> seen = new LinkedHashMap<>();
    List<Object> instances = new ArrayList<>();
    for (JobInstance instance : explorer.getJobInstances(name, 0, 1000)) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("id", instance.getInstanceId());
      one.put("job", instance.getJobName());
      List<Object> executions = new ArrayList<>();
      for (JobExecution execution : explorer.getJobExecutions(instance)) executions.add(execution(execution));
      one.put("executions", executions);
      instances.add(one);
    }
    seen.put("names", explorer.getJobNames());
    seen.put("count", explorer.getJobInstanceCount(name));
    seen.put("running", explorer.findRunningJobExecutions(name).stream().map(JobExecution::getId).toList());
    seen.put("instances", instances);
    return seen;
  }

  Map<String, Object> execution(JobExecution execution) {
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("id", execution.getId());
    seen.put("version", execution.getVersion());
    seen.put("status", execution.getStatus().name());
    seen.put("exit", execution.getExitStatus().getExitCode());
    seen.put("message", firstLine(execution.getExitStatus()));
    seen.put("created", text(execution.getCreateTime()));
    seen.put("started", text(execution.getStartTime()));
    seen.put("ended", text(execution.getEndTime()));
    seen.put("updated", text(execution.getLastUpdated()));
    Map<String, Object> parameters = new LinkedHashMap<>();
    for (Parameter parameter : batch.parameters(execution)) {
      parameters.put(parameter.name(), Map.of("type", parameter.type().getName(), "value", parameter.value().toString(),
          "identifying", parameter.identifying()));
    }
    seen.put("parameters", parameters);
    seen.put("context", context(execution.getExecutionContext().entrySet()));
    List<Object> steps = new ArrayList<>();
    for (StepExecution step : execution.getStepExecutions()) steps.add(step(step));
    seen.put("steps", steps);
    return seen;
  }

  private static Map<String, Object> step(StepExecution step) {
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("id", step.getId());
    seen.put("name", step.getStepName());
    seen.put("version", step.getVersion());
    seen.put("status", step.getStatus().name());
    seen.put("exit", step.getExitStatus().getExitCode());
    seen.put("message", firstLine(step.getExitStatus()));
    seen.put("started", text(step.getStartTime()));
    seen.put("ended", text(step.getEndTime()));
    seen.put("commit", step.getCommitCount());
    seen.put("read", step.getReadCount());
    seen.put("filter", step.getFilterCount());
    seen.put("write", step.getWriteCount());
    seen.put("read_skip", step.getReadSkipCount());
    seen.put("process_skip", step.getProcessSkipCount());
    seen.put("write_skip", step.getWriteSkipCount());
    seen.put("rollback", step.getRollbackCount());
    seen.put("context", context(step.getExecutionContext().entrySet()));
    return seen;
  }

  private static Map<String, Object> context(Iterable<Map.Entry<String, Object>> entries) {
    Map<String, Object> seen = new LinkedHashMap<>();
    for (Map.Entry<String, Object> entry : entries) {
      seen.put(entry.getKey(), entry.getValue().getClass().getName() + ":" + entry.getValue());
    }
    return seen;
  }

  private static String firstLine(ExitStatus exit) {
    return exit.getExitDescription().split("\\R", 2)[0];
  }

  private static String text(Object value) {
    return value == null ? null : value.toString();
  }
}
