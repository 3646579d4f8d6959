resource "aws_cloudwatch_event_bus" "this" {
  name = "bus-policy"
}

resource "aws_cloudwatch_event_bus_policy" "this" {
  event_bus_name = aws_cloudwatch_event_bus.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "partners"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"] }
        Action    = "events:PutEvents"
        Resource  = aws_cloudwatch_event_bus.this.arn
      },
    ]
  })
}
