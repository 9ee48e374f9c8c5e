# Made by todoctl from todoctl.yaml (environment prod) and templates/terraform/outputs.tf.hbs; rendering writes it anew.
output "cluster_id" {
  description = "Id of the cluster, as doctl takes it."
  value       = digitalocean_kubernetes_cluster.main.id
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = digitalocean_kubernetes_cluster.main.name
}

output "cluster_endpoint" {
  description = "Address of its API server."
  value       = digitalocean_kubernetes_cluster.main.endpoint
}

output "vpc_id" {
  description = "Private network of cluster and databases."
  value       = digitalocean_vpc.main.id
}

output "registry_endpoint" {
  description = "Where images are pushed to."
  value       = data.digitalocean_container_registry.main.endpoint
}

output "database_host" {
  description = "Private host name of the database."
  value       = digitalocean_database_cluster.postgres.private_host
}

output "database_uri" {
  description = "Connection string of the app's user, by the pooler."
  sensitive   = true
  value = format(
    "postgresql://%s:%s@%s:%d/%s?sslmode=require",
    digitalocean_database_user.app.name,
    urlencode(digitalocean_database_user.app.password),
    digitalocean_database_connection_pool.app.private_host,
    digitalocean_database_connection_pool.app.port,
    digitalocean_database_connection_pool.app.name,
  )
}

output "database_direct_uri" {
  description = "The same past the pooler, for what needs a session of its own."
  sensitive   = true
  value = format(
    "postgresql://%s:%s@%s:%d/%s?sslmode=require",
    digitalocean_database_user.app.name,
    urlencode(digitalocean_database_user.app.password),
    digitalocean_database_cluster.postgres.private_host,
    digitalocean_database_cluster.postgres.port,
    digitalocean_database_db.app.name,
  )
}

output "database_admin_uri" {
  description = "Connection string of the cluster's own user, for what the app's may not do."
  value       = digitalocean_database_cluster.postgres.private_uri
  sensitive   = true
}
