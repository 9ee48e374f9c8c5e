# Made by todoctl from todoctl.yaml (environment prod) and templates/terraform/versions.tf.hbs; rendering writes it anew.
terraform {
  required_version = ">= 1.10"

  required_providers {
    digitalocean = {
      source  = "digitalocean/digitalocean"
      version = "~> 2.99"
    }
  }
}
