
variable "name" {}
variable "size" {}
output "text" {
  value = "${var.name}/${var.size}"
}
