"""`reconcile`: a git-native GitOps reconciler for Terraform and AWS."""
