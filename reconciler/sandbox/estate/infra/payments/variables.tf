variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "environment" {
  type = string

  validation {
    condition     = contains(["staging", "prod"], var.environment)
    error_message = "The environment is staging or prod."
  }
}

variable "vpc_cidr" {
  type    = string
  default = "10.20.0.0/16"
}

variable "partners" {
  description = "Networks of the partners that may call the gateway over HTTPS"
  type = map(object({
    cidr = string
    port = optional(number, 443)
  }))
  default = {}
}
