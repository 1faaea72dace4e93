package baton.interop;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.DefaultJobKeyGenerator;
import org.springframework.batch.core.JobExecution;
import org.springframework.batch.core.JobInstance;
import org.springframework.batch.core.JobParameter;
import org.springframework.batch.core.JobParameters;
import org.springframework.batch.core.Step;
import org.springframework.batch.core.StepExecution;
import org.springframework.batch.core.configuration.support.MapJobRegistry;
import org.springframework.batch.core.configuration.support.ReferenceJobFactory;
import org.springframework.batch.core.explore.JobExplorer;
import org.springframework.batch.core.explore.support.JobExplorerFactoryBean;
import org.springframework.batch.core.job.AbstractJob;
import org.springframework.batch.core.job.SimpleJob;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.launch.support.JobOperatorFactoryBean;
import org.springframework.batch.core.launch.support.RunIdIncrementer;
import org.springframework.batch.core.launch.support.TaskExecutorJobLauncher;
import org.springframework.batch.core.repository.ExecutionContextSerializer;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.repository.dao.DefaultExecutionContextSerializer;
import org.springframework.batch.core.repository.dao.Jackson2ExecutionContextStringSerializer;
import org.springframework.batch.core.repository.support.JobRepositoryFactoryBean;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.item.support.ListItemReader;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** Spring Batch 5.2 on one database, wired as its DefaultBatchConfiguration does. */
final class Generation {
  static final int NUMBER = 5;

  final JobExplorer explorer;
  private final JobRepository repository;
  private final JobOperator operator;
  private final TaskExecutorJobLauncher launcher = new TaskExecutorJobLauncher();
  private final MapJobRegistry jobs = new MapJobRegistry();
  private final JdbcTransactionManager transactions;
  private final JdbcTemplate jdbc;

  Generation(DataSource database, String contexts) throws Exception {
    jdbc = new JdbcTemplate(database);
    transactions = new JdbcTransactionManager(database);
    ExecutionContextSerializer serializer = serializer(contexts);
    JobRepositoryFactoryBean repositories = new JobRepositoryFactoryBean();
    repositories.setDataSource(database);
    repositories.setTransactionManager(transactions);
    repositories.setSerializer(serializer);
    repositories.afterPropertiesSet();
    repository = repositories.getObject();
    JobExplorerFactoryBean explorers = new JobExplorerFactoryBean();
    explorers.setDataSource(database);
    explorers.setTransactionManager(transactions);
    explorers.setSerializer(serializer);
    explorers.afterPropertiesSet();
    explorer = explorers.getObject();
    launcher.setJobRepository(repository);
    launcher.afterPropertiesSet();
    JobOperatorFactoryBean operators = new JobOperatorFactoryBean();
    operators.setTransactionManager(transactions);
    operators.setJobRegistry(jobs);
    operators.setJobRepository(repository);
    operators.setJobExplorer(explorer);
    operators.setJobLauncher(launcher);
    operators.afterPropertiesSet();
    operator = operators.getObject();
  }

  static String version() {
    return JobExecution.class.getPackage().getImplementationVersion();
  }

  private static ExecutionContextSerializer serializer(String contexts) {
    return switch (contexts) {
      case "base64-java", "none" -> new DefaultExecutionContextSerializer();
      case "jackson2" -> new Jackson2ExecutionContextStringSerializer();
      default -> throw new IllegalArgumentException("Spring Batch 5 has no serializer for " + contexts);
    };
  }

  private static JobParameters parameters(List<Parameter> parameters) {
    Map<String, JobParameter<?>> made = new HashMap<>();
    for (Parameter parameter : parameters) made.put(parameter.name(), parameter(parameter.type(), parameter));
    return new JobParameters(made);
  }

  private static <T> JobParameter<T> parameter(Class<T> type, Parameter parameter) {
    return new JobParameter<>(type.cast(parameter.value()), type, parameter.identifying());
  }

  List<Parameter> parameters(JobExecution execution) {
    return execution.getJobParameters().getParameters().entrySet().stream()
        .map(entry -> new Parameter(entry.getKey(), entry.getValue().getType(), entry.getValue().getValue(),
            entry.getValue().isIdentifying()))
        .toList();
  }

  String key(List<Parameter> parameters) {
    return new DefaultJobKeyGenerator().generateKey(parameters(parameters));
  }

  boolean finds(String job, List<Parameter> parameters) {
    return explorer.getJobInstance(job, parameters(parameters)) != null;
  }

  /** Also the one that the operator knows by that name from now on. */
  AbstractJob job(String name, List<StepPlan> plans) throws Exception {
    List<Step> steps = new ArrayList<>();
    for (StepPlan plan : plans) steps.add(step(plan));
    return job(name, steps.toArray(Step[]::new));
  }

  /** The same, with one step, "load", that writes these items. Each of its instances has the next run.id. */
  <T> void loadJob(String name, int chunk, List<T> items, Consumer<Iterable<? extends T>> write) throws Exception {
    job(name, load("load", chunk, items, write)).setJobParametersIncrementer(new RunIdIncrementer());
  }

  private AbstractJob job(String name, Step... steps) throws Exception {
    SimpleJob job = new SimpleJob(name);
    job.setJobRepository(repository);
    for (Step step : steps) job.addStep(step);
    jobs.unregister(name);
    jobs.register(new ReferenceJobFactory(job));
    return job;
  }

  private <T> Step load(String name, int chunk, List<T> items, Consumer<Iterable<? extends T>> write) {
    return new StepBuilder(name, repository)
        .<T, T>chunk(chunk, transactions)
        .reader(new ListItemReader<>(items))
        .writer(written -> write.accept(written))
        .build();
  }

  private Step step(StepPlan plan) {
    if (plan.insert() != null) {
      return load(plan.name(), plan.chunk(), plan.items(), items -> plan.write(jdbc, items));
    }
    StepBuilder builder = new StepBuilder(plan.name(), repository);
    return builder.tasklet((contribution, context) -> {
      if (plan.does().equals("fail")) throw new IllegalStateException(plan.name() + " fails");
      if (plan.does().equals("stop")) contribution.getStepExecution().setTerminateOnly();
      return null;
    }, transactions).build();
  }

  JobExecution run(AbstractJob job, List<Parameter> parameters) throws Exception {
    return launcher.run(job, parameters(parameters));
  }

  JobExecution restart(long id) throws Exception {
    return explorer.getJobExecution(operator.restart(id));
  }

  /** Restarts the job's last run if it failed or was stopped; else runs it with the next run.id. */
  JobExecution goOn(String job) throws Exception {
    JobInstance last = explorer.getLastJobInstance(job);
    JobExecution execution = last == null ? null : explorer.getLastJobExecution(last);
    if (execution != null && (execution.getStatus() == BatchStatus.FAILED || execution.getStatus() == BatchStatus.STOPPED))
      return restart(execution.getId());
    return explorer.getJobExecution(operator.startNextInstance(job));
  }

  /** As after kill -9 in the middle of a step. */
  JobExecution leaveStarted(String job, String step, List<Parameter> parameters) throws Exception {
    JobExecution execution = repository.createJobExecution(job, parameters(parameters));
    execution.setStatus(BatchStatus.STARTED);
    execution.setStartTime(LocalDateTime.now());
    repository.update(execution);
    StepExecution started = execution.createStepExecution(step);
    started.setStatus(BatchStatus.STARTED);
    started.setStartTime(LocalDateTime.now());
    repository.add(started);
    return execution;
  }

  boolean stop(long id) throws Exception {
    return operator.stop(id);
  }

  JobExecution abandon(long id) throws Exception {
    return operator.abandon(id);
  }

  JobExecution recover(long id) {
    throw new UnsupportedOperationException("Spring Batch 5 recovers nothing");
  }
}
