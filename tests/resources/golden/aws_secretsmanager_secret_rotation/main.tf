# The emulator would run the function that rotates, which it can't: a rotation by the secret's own service.
resource "aws_secretsmanager_secret" "this" {
  name                    = "secret-rotation"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id     = aws_secretsmanager_secret.this.id
  secret_string = "first"
}

resource "aws_secretsmanager_secret_rotation" "this" {
  secret_id = aws_secretsmanager_secret_version.this.secret_id

  rotation_rules {
    automatically_after_days = 30
  }
}
