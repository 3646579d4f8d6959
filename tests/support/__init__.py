"""What tests share: real Terraform, the sandbox, golden folders."""
