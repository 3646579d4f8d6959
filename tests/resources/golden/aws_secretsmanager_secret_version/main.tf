resource "aws_secretsmanager_secret" "this" {
  for_each = toset(["text", "bytes"])

  name                    = "secret-version/${each.key}"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "text" {
  secret_id     = aws_secretsmanager_secret.this["text"].id
  secret_string = jsonencode({ user = "orders", password = "s3cret" })
}

resource "aws_secretsmanager_secret_version" "bytes" {
  secret_id     = aws_secretsmanager_secret.this["bytes"].id
  secret_binary = base64encode("s3cret")
}
