# Who may ask for tokens: shared by the golden folders of these types (links to this file).
resource "aws_cognito_user_pool" "plain" {
  name = "plain"
}

resource "aws_cognito_user_pool" "full" {
  name                       = "full"
  alias_attributes           = ["email", "preferred_username"]
  auto_verified_attributes   = ["email"]
  deletion_protection        = "ACTIVE"
  email_verification_message = "Your code is {####}"
  email_verification_subject = "Your code"
  mfa_configuration          = "OPTIONAL"
  sms_authentication_message = "Your code is {####}"
  sms_verification_message   = "Your code is {####}"
  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }
  admin_create_user_config {
    allow_admin_create_user_only = true
    invite_message_template {
      email_message = "You are {username} with {####}"
      email_subject = "Welcome"
      sms_message   = "You are {username} with {####}"
    }
  }
  device_configuration {
    challenge_required_on_new_device      = true
    device_only_remembered_on_user_prompt = true
  }
  email_configuration {
    reply_to_email_address = "a@example.com"
  }
  password_policy {
    minimum_length                   = 12
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = false
    require_uppercase                = true
    temporary_password_validity_days = 3
  }
  schema {
    name                = "tenant"
    attribute_data_type = "String"
    mutable             = true
    string_attribute_constraints {
      min_length = 1
      max_length = 64
    }
  }
  schema {
    name                = "level"
    attribute_data_type = "Number"
    number_attribute_constraints {
      min_value = 1
      max_value = 9
    }
  }
  software_token_mfa_configuration {
    enabled = true
  }
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }
  username_configuration {
    case_sensitive = false
  }
  verification_message_template {
    default_email_option = "CONFIRM_WITH_CODE"
  }
  tags = { Team = "core" }
}

resource "aws_cognito_resource_server" "plain" {
  user_pool_id = aws_cognito_user_pool.plain.id
  identifier   = "plain"
  name         = "plain"
}

resource "aws_cognito_resource_server" "full" {
  user_pool_id = aws_cognito_user_pool.full.id
  identifier   = "https://api.example.com"
  name         = "api"
  scope {
    scope_name        = "read"
    scope_description = "to read"
  }
  scope {
    scope_name        = "write"
    scope_description = "to write"
  }
}

resource "aws_cognito_user_pool_client" "plain" {
  name         = "plain"
  user_pool_id = aws_cognito_user_pool.plain.id
}

resource "aws_cognito_user_pool_client" "full" {
  name                                 = "machine"
  user_pool_id                         = aws_cognito_user_pool.full.id
  generate_secret                      = true
  access_token_validity                = 30
  id_token_validity                    = 60
  refresh_token_validity               = 5
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_scopes                 = aws_cognito_resource_server.full.scope_identifiers
  enable_token_revocation              = true
  explicit_auth_flows                  = ["ALLOW_REFRESH_TOKEN_AUTH"]
  prevent_user_existence_errors        = "ENABLED"
  supported_identity_providers         = ["COGNITO"]
  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }
}

resource "aws_cognito_user_pool_domain" "main" {
  domain       = "recon-example"
  user_pool_id = aws_cognito_user_pool.full.id
}
