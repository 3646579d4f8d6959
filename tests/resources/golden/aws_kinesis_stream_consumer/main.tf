resource "aws_kinesis_stream" "this" {
  name        = "stream-consumer"
  shard_count = 1
}

resource "aws_kinesis_stream_consumer" "this" {
  for_each = toset(["audit", "ledger"])

  name       = each.key
  stream_arn = aws_kinesis_stream.this.arn
}
