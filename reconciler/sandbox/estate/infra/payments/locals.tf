locals {
  system = "payments"
  prefix = "${local.system}-${var.environment}"

  common_environment = {
    LOG_LEVEL = "info" # debug is too chatty for production
    REGION    = data.aws_region.current.name
  }

  services = {
    gateway = {
      memory = 256
      mode   = "strict"
      queue  = { visibility_timeout = 30, max_receive_count = 3 }
    }
    ledger = {
      memory  = 512
      timeout = 60
      mode    = "strict"
      queue   = { visibility_timeout = 120, max_receive_count = 5 }
    }
    reports = {
      memory   = 1024
      timeout  = 300
      mode     = "lenient"
      schedule = "rate(1 hour)"
      queue    = { visibility_timeout = 600, max_receive_count = 2 }
    }
  }
}
