package baton.interop;

import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDB;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBClientBuilder;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBLockClientOptions;
import com.amazonaws.services.dynamodbv2.AmazonDynamoDBLockClientOptions.AmazonDynamoDBLockClientOptionsBuilder;

/** The lock client on AWS SDK 1. */
final class Generation {
  static final int NUMBER = 1;

  private Generation() {}

  static AmazonDynamoDBLockClientOptionsBuilder options(String endpoint, String table, String owner) {
    AmazonDynamoDB service = AmazonDynamoDBClientBuilder.standard()
        .withEndpointConfiguration(new EndpointConfiguration(endpoint, "eu-test-1"))
        .withCredentials(new AWSStaticCredentialsProvider(new BasicAWSCredentials("test", "test")))
        .build();
    return AmazonDynamoDBLockClientOptions.builder(service, table).withOwnerName(owner);
  }
}
