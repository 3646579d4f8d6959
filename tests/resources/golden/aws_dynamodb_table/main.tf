resource "aws_kms_key" "this" {
  description = "table"
}

resource "aws_dynamodb_table" "provisioned" {
  name                        = "orders"
  hash_key                    = "customer"
  range_key                   = "placed"
  read_capacity               = 5
  write_capacity              = 4
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = false
  table_class                 = "STANDARD_INFREQUENT_ACCESS"

  attribute {
    name = "customer"
    type = "S"
  }

  attribute {
    name = "placed"
    type = "N"
  }

  attribute {
    name = "state"
    type = "S"
  }

  global_secondary_index {
    name               = "by-state"
    hash_key           = "state"
    range_key          = "placed"
    read_capacity      = 3
    write_capacity     = 2
    projection_type    = "INCLUDE"
    non_key_attributes = ["amount", "currency"]
  }

  local_secondary_index {
    name               = "by-customer-state"
    range_key          = "state"
    projection_type    = "INCLUDE"
    non_key_attributes = ["amount"]
  }

  ttl {
    attribute_name = "expires"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.this.arn
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_dynamodb_table" "on_demand" {
  name         = "sessions"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "B"
  }

  attribute {
    name = "user"
    type = "S"
  }

  global_secondary_index {
    name            = "by-user"
    hash_key        = "user"
    projection_type = "ALL"
  }
}

resource "aws_dynamodb_table" "plain" {
  name           = "plain"
  hash_key       = "id"
  read_capacity  = 1
  write_capacity = 1

  attribute {
    name = "id"
    type = "S"
  }
}
