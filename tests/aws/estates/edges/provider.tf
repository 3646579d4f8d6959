terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  s3_use_path_style           = true
  max_retries                 = 1
  default_tags {
    tags = { Team = "core", Stage = "live" }
  }
  ignore_tags {
    keys         = ["Ignored"]
    key_prefixes = ["kubernetes.io/"]
  }
}
