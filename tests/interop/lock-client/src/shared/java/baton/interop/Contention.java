package baton.interop;

import com.amazonaws.services.dynamodbv2.AcquireLockOptions.AcquireLockOptionsBuilder;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBLockClient;
import com.amazonaws.services.dynamodbv2.LockItem;
import com.amazonaws.services.dynamodbv2.ReleaseLockOptions;
import com.amazonaws.services.dynamodbv2.model.LockNotGrantedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** Threads that take locks at random, work under them for a while as the witness hears, and let go of them. */
final class Contention {
  private final AmazonDynamoDBLockClient client;
  private final Function<String, AcquireLockOptionsBuilder> toAcquire;
  private final List<String> keys;
  private final String name;
  private final int witnessPort;
  private final int longOfTen;
  private final AtomicLong holds = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean ending = false;

  Contention(AmazonDynamoDBLockClient client, Function<String, AcquireLockOptionsBuilder> toAcquire, List<String> keys,
             String name, int witnessPort, int longOfTen) {
    this.client = client;
    this.toAcquire = toAcquire;
    this.keys = keys;
    this.name = name;
    this.witnessPort = witnessPort;
    this.longOfTen = longOfTen;
  }

  void begin(int count, long lease) {
    for (int i = 0; i < count; ++i) {
      Thread thread = new Thread(() -> contend(lease));
      threads.add(thread);
      thread.start();
    }
  }

  long end() throws InterruptedException {
    ending = true;
    for (Thread thread : threads) thread.join();
    return holds.get();
  }

  private void contend(long lease) {
    try (Witness witness = new Witness(witnessPort)) {
      while (!ending) {
        String key = keys.get(ThreadLocalRandom.current().nextInt(keys.size()));
        try {
          hold(client.acquireLock(toAcquire.apply(key).withAdditionalTimeToWaitForLock(0L).build()), lease, witness);
        } catch (LockNotGrantedException taken) {
          // another one, then
        }
      }
    } catch (InterruptedException | IOException gone) {
      throw new IllegalStateException(gone);
    }
  }

  private void hold(LockItem lock, long lease, Witness witness) throws InterruptedException, IOException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    String hold = name + "/" + holds.incrementAndGet();
    // So many in ten last for longer than the lease.
    boolean isLong = random.nextInt(10) < longOfTen;
    int commits = isLong ? 6 : 1 + random.nextInt(4);
    boolean mine = witness.accepts("enter", hold, lock);
    for (int i = 0; mine && i < commits; ++i) {
      Thread.sleep(isLong ? lease / 4 : random.nextInt(40));
      mine = witness.accepts("commit", hold, lock);
    }
    if (mine) witness.accepts("leave", hold, lock);
    client.releaseLock(ReleaseLockOptions.builder(lock).withDeleteLock(random.nextBoolean()).build());
  }

  private static final class Witness implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader answers;
    private final OutputStream lines;

    Witness(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      lines = socket.getOutputStream();
    }

    /** The lock client itself asks for no more than that the lock is not expired. */
    boolean accepts(String what, String hold, LockItem lock) throws IOException {
      long deadline = (lock.getLookupTime() + lock.getLeaseDuration()) * 1_000_000;
      if (lock.isExpired()) return false;
      String line = what + " " + lock.getPartitionKey() + " " + hold + " " + deadline + "\n";
      lines.write(line.getBytes(StandardCharsets.UTF_8));
      lines.flush();
      return "accepted".equals(answers.readLine());
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
