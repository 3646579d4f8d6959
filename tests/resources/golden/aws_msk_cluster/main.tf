resource "aws_vpc" "net" {
  cidr_block = "10.40.0.0/16"
}

resource "aws_subnet" "zone" {
  count             = 3
  vpc_id            = aws_vpc.net.id
  availability_zone = element(["us-east-1a", "us-east-1b", "us-east-1c"], count.index)
  cidr_block        = cidrsubnet(aws_vpc.net.cidr_block, 8, count.index)
}

resource "aws_security_group" "kafka" {
  name   = "kafka"
  vpc_id = aws_vpc.net.id
}

resource "aws_kms_key" "kafka" {}

resource "aws_cloudwatch_log_group" "kafka" {
  name = "/kafka/orders"
}

resource "aws_msk_cluster" "orders" {
  cluster_name           = "orders"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 3
  enhanced_monitoring    = "PER_BROKER"
  storage_mode           = "TIERED"

  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = aws_subnet.zone[*].id
    security_groups = [aws_security_group.kafka.id]

    connectivity_info {
      public_access {
        type = "DISABLED"
      }
    }

    storage_info {
      ebs_storage_info {
        volume_size = 200

        provisioned_throughput {
          enabled           = true
          volume_throughput = 250
        }
      }
    }
  }

  client_authentication {
    unauthenticated = false

    sasl {
      iam   = true
      scram = true
    }
  }

  configuration_info {
    arn      = "arn:aws:kafka:us-east-1:123456789012:configuration/orders/4d0a3f0e-1c3a-4e0f-9a2e-2b8d8e6f7a10-1"
    revision = 3
  }

  encryption_info {
    encryption_at_rest_kms_key_arn = aws_kms_key.kafka.arn

    encryption_in_transit {
      client_broker = "TLS"
      in_cluster    = true
    }
  }

  logging_info {
    broker_logs {
      cloudwatch_logs {
        enabled   = true
        log_group = aws_cloudwatch_log_group.kafka.name
      }

      firehose {
        enabled = false
      }

      s3 {
        enabled = true
        bucket  = "orders-kafka-logs"
        prefix  = "brokers/"
      }
    }
  }

  open_monitoring {
    prometheus {
      jmx_exporter {
        enabled_in_broker = true
      }

      node_exporter {
        enabled_in_broker = false
      }
    }
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_msk_cluster" "plain" {
  cluster_name           = "plain"
  kafka_version          = "3.5.1"
  number_of_broker_nodes = 2

  broker_node_group_info {
    instance_type   = "kafka.t3.small"
    client_subnets  = slice(aws_subnet.zone[*].id, 0, 2)
    security_groups = [aws_security_group.kafka.id]
  }
}

resource "aws_msk_serverless_cluster" "events" {
  cluster_name = "events"

  vpc_config {
    subnet_ids         = slice(aws_subnet.zone[*].id, 0, 2)
    security_group_ids = [aws_security_group.kafka.id]
  }

  client_authentication {
    sasl {
      iam {
        enabled = true
      }
    }
  }

  tags = {
    Owner = "events"
  }
}

resource "aws_msk_cluster_policy" "orders" {
  cluster_arn = aws_msk_cluster.orders.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = ["kafka:GetBootstrapBrokers", "kafka:DescribeClusterV2"]
      Resource  = aws_msk_cluster.orders.arn
    }]
  })
}
