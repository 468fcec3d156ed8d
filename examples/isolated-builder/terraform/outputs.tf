output "client_id" {
  description = "The identity that the workflow logs in as. Not a secret."
  value       = azurerm_user_assigned_identity.workflow.client_id
}

output "public_key" {
  description = "The key for `publicKey` in policy.yaml."
  value       = azurerm_key_vault_key.provenance.public_key_pem
}

output "registry" {
  description = "Where the images are."
  value       = azurerm_container_registry.builder.login_server
}
