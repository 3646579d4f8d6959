environment = "prod"

partners = {
  acme   = { cidr = "203.0.113.0/24" }
  globex = { cidr = "198.51.100.0/25", port = 8443 }
}
