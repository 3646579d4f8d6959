output "queue_urls" {
  value = module.messaging.queue_urls
}

output "functions" {
  value = { for name, service in module.service : name => service.function_name }
}
