# Made by todoctl from todoctl.yaml (environment staging) and templates/terraform/main.tf.hbs; rendering writes it anew.
provider "digitalocean" {
  token = var.do_token
}

locals {
  name = "todo-staging"
  tags = ["todo", "staging"]
}

resource "digitalocean_vpc" "main" {
  name     = local.name
  region   = var.region
  ip_range = var.vpc_range
}

data "digitalocean_kubernetes_versions" "offered" {
  version_prefix = var.kubernetes_version
}

resource "digitalocean_kubernetes_cluster" "main" {
  name           = local.name
  region         = var.region
  version        = data.digitalocean_kubernetes_versions.offered.latest_version
  vpc_uuid       = digitalocean_vpc.main.id
  cluster_subnet = var.pod_range
  service_subnet = var.service_range
  tags           = local.tags

  # Once on, it stays on.
  ha            = false
  auto_upgrade  = true
  surge_upgrade = true

  # Nodes may pull the images.
  registry_integration = true
  depends_on           = [data.digitalocean_container_registry.main]

  # Volumes and load balancers that the cluster made would cost money after it.
  destroy_all_associated_resources = true

  node_pool {
    name       = "main"
    size       = var.node_size
    node_count = var.node_count
    auto_scale = true
    min_nodes  = var.node_min
    max_nodes  = var.node_max
    tags       = local.tags
  }

  maintenance_policy {
    day        = "sunday"
    start_time = "04:00"
  }

  lifecycle {
    # The autoscaler's number holds, not the one it began with.
    ignore_changes = [node_pool[0].node_count]
  }
}

resource "digitalocean_container_registry" "main" {
  count                  = var.create_registry ? 1 : 0
  name                   = var.registry_name
  subscription_tier_slug = var.registry_tier
}

data "digitalocean_container_registry" "main" {
  name       = var.registry_name
  depends_on = [digitalocean_container_registry.main]
}
