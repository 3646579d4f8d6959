resource "aws_sns_topic" "this" {
  name = "topic-policy"
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "publishers"
    Statement = [
      {
        Sid       = "events"
        Effect    = "Allow"
        Principal = { Service = ["events.amazonaws.com", "budgets.amazonaws.com"] }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.this.arn
        Condition = { ArnLike = { "aws:SourceArn" = "arn:aws:events:eu-west-1:123456789012:rule/*" } }
      },
      {
        Sid       = "tls"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["sns:Publish"]
        Resource  = aws_sns_topic.this.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
