
data "aws_region" "this" {}

resource "aws_sqs_queue" "inner" {
  name = "inner-${replace(data.aws_region.this.endpoint, ".", "-")}"
}

output "region" {
  value = data.aws_region.this.description
}
