# Made by todoctl from todoctl.yaml (environment prod) and templates/terraform/main.tf.hbs; rendering writes it anew.
provider "digitalocean" {
  token = var.do_token
}

locals {
  name = "todo-prod"
  tags = ["todo", "prod"]
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
  ha            = true
  auto_upgrade  = true
  surge_upgrade = true

  # Nodes may pull the images.
  registry_integration = true
  depends_on           = [data.digitalocean_container_registry.main]

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
    prevent_destroy = true
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

resource "digitalocean_database_cluster" "postgres" {
  name                 = "${local.name}-postgres"
  engine               = "pg"
  version              = "17"
  size                 = var.database_size
  region               = var.region
  node_count           = 1
  private_network_uuid = digitalocean_vpc.main.id
  tags                 = local.tags

  maintenance_window {
    day  = "sunday"
    hour = "05:00"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "digitalocean_database_db" "app" {
  cluster_id = digitalocean_database_cluster.postgres.id
  name       = "todoapp"
}

# It may not make schemas yet: the job postgres-rights lets it, by what database_admin_uri says, in the Secret postgres-admin.
resource "digitalocean_database_user" "app" {
  cluster_id = digitalocean_database_cluster.postgres.id
  name       = "todo_user"
}

# PgBouncer: what all services share. A session lasts for one transaction.
resource "digitalocean_database_connection_pool" "app" {
  cluster_id = digitalocean_database_cluster.postgres.id
  name       = "app"
  mode       = "transaction"
  size       = var.database_pool
  db_name    = digitalocean_database_db.app.name
  user       = digitalocean_database_user.app.name
}

# Only the cluster's nodes may connect.
resource "digitalocean_database_firewall" "postgres" {
  cluster_id = digitalocean_database_cluster.postgres.id

  rule {
    type  = "k8s"
    value = digitalocean_kubernetes_cluster.main.id
  }
}
