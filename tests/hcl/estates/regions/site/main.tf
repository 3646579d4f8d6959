
data "aws_region" "this" {}

resource "aws_sqs_queue" "q" {
  name = "q-${data.aws_region.this.name}"
  tags = { Site = data.aws_region.this.name }
}

module "inner" {
  source = "./inner"
}

output "region" {
  value = "${data.aws_region.this.name}/${module.inner.region}"
}
