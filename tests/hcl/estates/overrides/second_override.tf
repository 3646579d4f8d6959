
resource "aws_dynamodb_table" "t" {
  dynamic "attribute" {
    for_each = { id = "S" }
    content {
      name = attribute.key
      type = attribute.value
    }
  }
  lifecycle {
    prevent_destroy = true
  }
}

module "m" {
  size = 2
}

output "m" {
  value = "over-${module.m.text}"
}
