package baton.interop;

import com.amazonaws.services.dynamodbv2.AmazonDynamoDBLockClientOptions;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBLockClientOptions.AmazonDynamoDBLockClientOptionsBuilder;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The lock client on AWS SDK 2. */
final class Generation {
  static final int NUMBER = 2;

  private Generation() {}

  static AmazonDynamoDBLockClientOptionsBuilder options(String endpoint, String table, String owner) {
    DynamoDbClient service = DynamoDbClient.builder()
        .endpointOverride(URI.create(endpoint))
        .region(Region.of("eu-test-1"))
        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
        .build();
    return AmazonDynamoDBLockClientOptions.builder(service, table).withOwnerName(owner);
  }
}
