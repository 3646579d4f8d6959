resource "aws_cloudwatch_event_connection" "api_key" {
  name               = "connection-api-key"
  description        = "the partner's hook"
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "x-signature"
      value = "s3cret"
    }

    invocation_http_parameters {
      header {
        key             = "x-tenant"
        value           = "acme"
        is_value_secret = false
      }
      query_string {
        key             = "version"
        value           = "2"
        is_value_secret = false
      }
      body {
        key             = "kind"
        value           = "order"
        is_value_secret = false
      }
    }
  }
}

resource "aws_cloudwatch_event_connection" "basic" {
  name               = "connection-basic"
  authorization_type = "BASIC"

  auth_parameters {
    basic {
      username = "reporter"
      password = "s3cret"
    }
  }
}

resource "aws_cloudwatch_event_connection" "oauth" {
  name               = "connection-oauth"
  authorization_type = "OAUTH_CLIENT_CREDENTIALS"

  auth_parameters {
    oauth {
      authorization_endpoint = "https://example.com/token"
      http_method            = "POST"

      client_parameters {
        client_id     = "client"
        client_secret = "s3cret"
      }

      oauth_http_parameters {
        body {
          key             = "grant_type"
          value           = "client_credentials"
          is_value_secret = false
        }
      }
    }
  }
}
