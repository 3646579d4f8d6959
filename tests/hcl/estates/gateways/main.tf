# A module for every kind of load balancer, so that each is given settings of the others.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "x"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variable "balancers" {
  type = any
  default = {
    web = {
      kind = "application"
      logs = { bucket = "logs", on = true }
      actions = [
        { type = "redirect", redirect = { port = "443", protocol = "HTTPS", status_code = "HTTP_301" } },
        { type = "fixed-response", fixed_response = { content_type = "text/plain", status_code = "404" } },
        { type = "forward", weights = { blue = 90, green = 10 } },
        { type = "forward", to = "blue" },
      ]
      groups = {
        blue  = { port = 80, check = { path = "/up", matcher = "200-299", interval = "15" } }
        green = { port = "8080", version = "HTTP2", sticky = true }
        fn    = { kind = "lambda" }
      }
    }
    tcp = {
      kind    = "network"
      logs    = { bucket = "logs", prefix = "nlb" }
      actions = [{ type = "forward", to = "q" }]
      groups  = { q = { port = 5672, protocol = "TCP", client_ip = "true" } }
    }
    inspection = {
      kind    = "gateway"
      actions = []
      groups  = { appliances = { port = 6081, protocol = "GENEVE" } }
    }
  }
}

module "balancer" {
  source   = "./balancer"
  for_each = var.balancers
  name     = each.key
  settings = each.value
}

output "groups" {
  value = { for name, balancer in module.balancer : name => balancer.groups }
}
