
resource "aws_sns_topic" "t" {
  name = "t"
}

data "aws_iam_policy_document" "inside" {
  statement {
    actions   = ["sns:Publish"]
    resources = ["*"]
  }
}

output "json" {
  value = data.aws_iam_policy_document.inside.json
}
