resource "aws_cloudwatch_event_bus" "this" {
  name = "event-permission"
}

resource "aws_cloudwatch_event_permission" "default" {
  principal    = "111111111111"
  statement_id = "partner"
}

resource "aws_cloudwatch_event_permission" "organization" {
  event_bus_name = aws_cloudwatch_event_bus.this.name
  principal      = "*"
  statement_id   = "organization"
  action         = "events:PutEvents"

  condition {
    key   = "aws:PrincipalOrgID"
    type  = "StringEquals"
    value = "o-1234567890"
  }
}
