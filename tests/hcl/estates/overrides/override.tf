
variable "timeout" {
  default = 45
}

locals {
  name = "overridden"
}

resource "aws_sqs_queue" "q" {
  delay_seconds = 2
  tags          = { A = "over" }
}

provider "aws" {
  default_tags {
    tags = { From = "override" }
  }
}
