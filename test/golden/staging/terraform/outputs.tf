# Made by todoctl from todoctl.yaml (environment staging) and templates/terraform/outputs.tf.hbs; rendering writes it anew.
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
