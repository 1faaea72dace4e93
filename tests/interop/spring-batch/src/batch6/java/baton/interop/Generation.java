package baton.interop;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.configuration.support.MapJobRegistry;
import org.springframework.batch.core.job.AbstractJob;
import org.springframework.batch.core.job.DefaultJobKeyGenerator;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobInstance;
import org.springframework.batch.core.job.SimpleJob;
import org.springframework.batch.core.job.parameters.JobParameter;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.RunIdIncrementer;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.launch.support.JobOperatorFactoryBean;
import org.springframework.batch.core.repository.ExecutionContextSerializer;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.repository.dao.DefaultExecutionContextSerializer;
import org.springframework.batch.core.repository.dao.Jackson2ExecutionContextStringSerializer;
import org.springframework.batch.core.repository.dao.JacksonExecutionContextStringSerializer;
import org.springframework.batch.core.repository.support.JdbcJobRepositoryFactoryBean;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.support.ListItemReader;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** Spring Batch 6.0 on one database, wired as its JdbcDefaultBatchConfiguration does. */
final class Generation {
  static final int NUMBER = 6;

  final JobRepository explorer;  // in this generation the repository is the explorer
  private final JobRepository repository;
  private final JobOperator operator;
  private final MapJobRegistry jobs = new MapJobRegistry();
  private final JdbcTransactionManager transactions;
  private final JdbcTemplate jdbc;

  Generation(DataSource database, String contexts) throws Exception {
    jdbc = new JdbcTemplate(database);
    transactions = new JdbcTransactionManager(database);
    JdbcJobRepositoryFactoryBean repositories = new JdbcJobRepositoryFactoryBean();
    repositories.setDataSource(database);
    repositories.setTransactionManager(transactions);
    repositories.setSerializer(serializer(contexts));
    repositories.afterPropertiesSet();
    repository = repositories.getObject();
    explorer = repository;
    JobOperatorFactoryBean operators = new JobOperatorFactoryBean();
    operators.setTransactionManager(transactions);
    operators.setJobRegistry(jobs);
    operators.setJobRepository(repository);
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
      case "jackson3" -> new JacksonExecutionContextStringSerializer();
      default -> throw new IllegalArgumentException("no serializer for " + contexts);
    };
  }

  private static JobParameters parameters(List<Parameter> parameters) {
    Set<JobParameter<?>> made = new HashSet<>();
    for (Parameter parameter : parameters) made.add(parameter(parameter.type(), parameter));
    return new JobParameters(made);
  }

  private static <T> JobParameter<T> parameter(Class<T> type, Parameter parameter) {
    return new JobParameter<>(parameter.name(), type.cast(parameter.value()), type, parameter.identifying());
  }

  List<Parameter> parameters(JobExecution execution) {
    return execution.getJobParameters().parameters().stream()
        .map(one -> new Parameter(one.name(), one.type(), one.value(), one.identifying()))
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
    if (jobs.getJobNames().contains(name)) jobs.unregister(name);
    jobs.register(job);
    return job;
  }

  private <T> Step load(String name, int chunk, List<T> items, Consumer<Iterable<? extends T>> write) {
    return new StepBuilder(name, repository)
        .<T, T>chunk(chunk)
        .transactionManager(transactions)
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
    return operator.start(job, parameters(parameters));
  }

  JobExecution restart(long id) throws Exception {
    return operator.restart(repository.getJobExecution(id));
  }

  /** Restarts the job's last run if it failed or was stopped; else runs it with the next run.id. */
  JobExecution goOn(String job) throws Exception {
    JobInstance last = repository.getLastJobInstance(job);
    JobExecution execution = last == null ? null : repository.getLastJobExecution(last);
    if (execution != null && (execution.getStatus() == BatchStatus.FAILED || execution.getStatus() == BatchStatus.STOPPED))
      return operator.restart(execution);
    return operator.startNextInstance(jobs.getJob(job));
  }

  /** As after kill -9 in the middle of a step. */
  JobExecution leaveStarted(String job, String step, List<Parameter> parameters) throws Exception {
    JobParameters made = parameters(parameters);
    JobInstance instance = repository.createJobInstance(job, made);
    JobExecution execution = repository.createJobExecution(instance, made, new ExecutionContext());
    execution.setStatus(BatchStatus.STARTED);
    execution.setStartTime(LocalDateTime.now());
    repository.update(execution);
    StepExecution started = repository.createStepExecution(step, execution);
    started.setStatus(BatchStatus.STARTED);
    started.setStartTime(LocalDateTime.now());
    repository.update(started);
    return execution;
  }

  boolean stop(long id) throws Exception {
    return operator.stop(repository.getJobExecution(id));
  }

  JobExecution abandon(long id) throws Exception {
    return operator.abandon(repository.getJobExecution(id));
  }

  JobExecution recover(long id) {
    return operator.recover(repository.getJobExecution(id));
  }
}
