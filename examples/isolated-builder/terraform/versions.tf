terraform {
  required_version = ">= 1.9"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.55"
    }
  }
}

# A subscription of its own: whoever administers the one of the workflows administers nothing here.
provider "azurerm" {
  subscription_id     = var.subscription_id
  storage_use_azuread = true

  features {
    key_vault {
      # A key that was deleted can be had back, and nobody can shorten that.
      purge_soft_delete_on_destroy = false
    }
  }
}
