variable "subscription_id" {
  description = "The subscription of the builder, in which nothing else lives."
  type        = string
}

variable "tenant_id" {
  description = "The tenant of that subscription."
  type        = string
}

variable "location" {
  description = "The region."
  type        = string
  default     = "westeurope"
}

variable "name" {
  description = "The name that all resources begin with: lower-case letters and digits."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{2,15}$", var.name))
    error_message = "Write 3 to 16 lower-case letters and digits, a letter first."
  }
}

variable "repository" {
  description = "The repository whose workflow may start builds: owner/name."
  type        = string
}

variable "environment" {
  description = "The GitHub environment that the workflow must run in. Its rules say who may start a build, and from which refs."
  type        = string
  default     = "release"
}

variable "build_image" {
  description = "The image that builds, by digest."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.build_image))
    error_message = "Name the image by its digest."
  }
}

variable "attest_image" {
  description = "The image that writes and signs provenance, by digest."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.attest_image))
    error_message = "Name the image by its digest."
  }
}

variable "allowed_hosts" {
  description = "Whom builds may talk to over HTTPS: where sources and dependencies come from. Each one is a way out for whatever a build knows."
  type        = list(string)
  default     = ["github.com", "codeload.github.com"]
}
