# What principals have and nothing else, and what an account has once: shared by the golden folders of these types.
locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  reading = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:ReceiveMessage", Resource = "*" }]
  })
}

resource "aws_iam_policy" "main" {
  name   = "reading"
  policy = local.reading
}

resource "aws_iam_role" "main" {
  count              = 2
  name               = "worker-${count.index}"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "main" {
  name   = "inline"
  role   = aws_iam_role.main[0].name
  policy = local.reading
}

resource "aws_iam_role_policy_attachment" "main" {
  role       = aws_iam_role.main[0].name
  policy_arn = aws_iam_policy.main.arn
}

resource "aws_iam_role_policies_exclusive" "some" {
  role_name    = aws_iam_role.main[0].name
  policy_names = [aws_iam_role_policy.main.name]
}

resource "aws_iam_role_policies_exclusive" "none" {
  role_name    = aws_iam_role.main[1].name
  policy_names = []
}

resource "aws_iam_role_policy_attachments_exclusive" "some" {
  role_name   = aws_iam_role.main[0].name
  policy_arns = [aws_iam_role_policy_attachment.main.policy_arn]
}

resource "aws_iam_role_policy_attachments_exclusive" "none" {
  role_name   = aws_iam_role.main[1].name
  policy_arns = []
}

resource "aws_iam_user" "main" {
  name = "robot"
}

resource "aws_iam_user_policy" "main" {
  name   = "inline"
  user   = aws_iam_user.main.name
  policy = local.reading
}

resource "aws_iam_user_policies_exclusive" "main" {
  user_name    = aws_iam_user.main.name
  policy_names = [aws_iam_user_policy.main.name]
}

resource "aws_iam_user_policy_attachments_exclusive" "main" {
  user_name   = aws_iam_user.main.name
  policy_arns = [aws_iam_policy.main.arn]
}

resource "aws_iam_user_login_profile" "main" {
  user                    = aws_iam_user.main.name
  password_reset_required = true
}

resource "aws_iam_group" "main" {
  name = "robots"
}

resource "aws_iam_group_policy" "main" {
  name   = "inline"
  group  = aws_iam_group.main.name
  policy = local.reading
}

resource "aws_iam_group_policies_exclusive" "main" {
  group_name   = aws_iam_group.main.name
  policy_names = [aws_iam_group_policy.main.name]
}

resource "aws_iam_group_policy_attachments_exclusive" "main" {
  group_name  = aws_iam_group.main.name
  policy_arns = [aws_iam_policy.main.arn]
}

resource "aws_iam_account_password_policy" "main" {
  minimum_password_length        = 14
  require_lowercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  require_uppercase_characters   = false
  allow_users_to_change_password = true
  max_password_age               = 90
  password_reuse_prevention      = 5
}

resource "aws_iam_saml_provider" "main" {
  name                   = "directory"
  saml_metadata_document = "<EntityDescriptor>${join("", [for i in range(1000) : "a"])}</EntityDescriptor>"
}

resource "aws_iam_server_certificate" "main" {
  name             = "site"
  path             = "/cloudfront/"
  certificate_body = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
  private_key      = "not a key"
}
