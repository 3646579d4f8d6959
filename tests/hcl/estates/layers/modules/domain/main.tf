
variable "name" {
  type = string
}

variable "services" {
  type = map(object({
    timeout   = number
    consumers = list(string)
  }))
}

variable "retention" {
  type    = number
  default = 14
}

resource "aws_sns_topic" "events" {
  name         = "${var.name}-events"
  display_name = title(var.name)
}

module "service" {
  source   = "./service"
  for_each = var.services

  prefix = var.name
  name   = each.key
  config = each.value
  topic  = { arn = aws_sns_topic.events.arn, name = aws_sns_topic.events.name }
}

output "queue_names" {
  value = sort([for s in module.service : s.queue])
}

output "timeouts" {
  value = { for key, s in module.service : key => s.timeout }
}

output "retention" {
  value = var.retention
}

output "name" {
  value = upper(var.name)
}

output "topic" {
  value = aws_sns_topic.events.name
}
