resource "aws_scheduler_schedule_group" "named" {
  name = "schedule-group"

  tags = {
    Owner = "billing"
  }
}

resource "aws_scheduler_schedule_group" "prefixed" {
  name_prefix = "schedule-group-"
}
