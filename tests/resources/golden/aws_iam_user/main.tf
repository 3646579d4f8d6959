# People, groups and what they may do: shared by the golden folders of these types (links to this file).
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "main" {
  name               = "main"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_policy" "main" {
  name   = "main"
  policy = local.queue
}

resource "aws_iam_policy" "everywhere" {
  name   = "everywhere"
  policy = local.queue
}

locals {
  queue = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["sqs:SendMessage"], Resource = "*" }]
  })
}

resource "aws_iam_user" "plain" {
  name = "plain"
}

resource "aws_iam_user" "full" {
  name                 = "full"
  path                 = "/team/"
  permissions_boundary = aws_iam_policy.main.arn
  force_destroy        = true
  tags                 = { Team = "core", Empty = "" }
}

resource "aws_iam_group" "plain" {
  name = "plain"
}

resource "aws_iam_group" "full" {
  name = "full"
  path = "/team/"
}

resource "aws_iam_user_policy" "named" {
  name   = "named"
  user   = aws_iam_user.full.name
  policy = local.queue
}

resource "aws_iam_user_policy" "prefixed" {
  name_prefix = "prefixed-"
  user        = aws_iam_user.plain.name
  policy      = local.queue
}

resource "aws_iam_group_policy" "named" {
  name   = "named"
  group  = aws_iam_group.full.name
  policy = local.queue
}

resource "aws_iam_group_policy" "generated" {
  group  = aws_iam_group.plain.name
  policy = local.queue
}

resource "aws_iam_user_policy_attachment" "managed" {
  user       = aws_iam_user.full.name
  policy_arn = aws_iam_policy.main.arn
}

resource "aws_iam_group_policy_attachment" "managed" {
  group      = aws_iam_group.full.name
  policy_arn = aws_iam_policy.main.arn
}

resource "aws_iam_policy_attachment" "everywhere" {
  name       = "everywhere"
  policy_arn = aws_iam_policy.everywhere.arn
  users      = [aws_iam_user.full.name]
  groups     = [aws_iam_group.full.name]
  roles      = [aws_iam_role.main.name]
}

resource "aws_iam_group_membership" "full" {
  name  = "members of full"
  group = aws_iam_group.full.name
  users = [aws_iam_user.plain.name, aws_iam_user.full.name]
}

resource "aws_iam_group" "more" {
  count = 3
  name  = "more-${count.index}"
}

resource "aws_iam_user" "member" {
  name = "member"
}

resource "aws_iam_user_group_membership" "first" {
  user   = aws_iam_user.member.name
  groups = [aws_iam_group.more[0].name, aws_iam_group.more[1].name]
}

resource "aws_iam_user_group_membership" "second" {
  user   = aws_iam_user.member.name
  groups = [aws_iam_group.more[2].name]
}

resource "aws_iam_instance_profile" "full" {
  name = "full"
  path = "/team/"
  role = aws_iam_role.main.name
  tags = { Team = "core" }
}

resource "aws_iam_instance_profile" "prefixed" {
  name_prefix = "prefixed-"
}

resource "aws_iam_openid_connect_provider" "plain" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["cf23df2207d99a74fbe169e3eba035e633b65d94"]
}

resource "aws_iam_openid_connect_provider" "full" {
  url             = "https://example.com/id"
  client_id_list  = ["one", "two"]
  thumbprint_list = ["cf23df2207d99a74fbe169e3eba035e633b65d94", "a031c46782e6e6c662c2c87c76da9aa62ccabd8e"]
  tags            = { Team = "core" }
}

resource "aws_iam_service_linked_role" "main" {
  aws_service_name = "elasticbeanstalk.amazonaws.com"
  description      = "made by hand"
}

resource "aws_iam_access_key" "active" {
  user = aws_iam_user.full.name
}

resource "aws_iam_access_key" "inactive" {
  user   = aws_iam_user.plain.name
  status = "Inactive"
}
