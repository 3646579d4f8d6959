"""Terraform's language: text to syntax trees, trees to values, values to desired state, and edits of the text."""
