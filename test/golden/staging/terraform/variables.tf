# Made by todoctl from todoctl.yaml (environment staging) and templates/terraform/variables.tf.hbs; rendering writes it anew.
variable "do_token" {
  description = "Token of DigitalOcean's API; DIGITALOCEAN_TOKEN of the environment when left out."
  type        = string
  default     = null
  sensitive   = true
}

variable "region" {
  description = "Where everything is."
  type        = string
  default     = "nyc3"
}

variable "kubernetes_version" {
  description = "Beginning of the version of Kubernetes; the newest patch is taken."
  type        = string
  default     = "1.36."
}

variable "node_size" {
  description = "Machine of a node."
  type        = string
  default     = "s-2vcpu-4gb"
}

variable "node_count" {
  description = "Nodes at the beginning, from then on the autoscaler's."
  type        = number
  default     = 2
}

variable "node_min" {
  description = "Fewest nodes."
  type        = number
  default     = 2
}

variable "node_max" {
  description = "Most nodes."
  type        = number
  default     = 3
}

variable "vpc_range" {
  description = "Addresses of machines and databases; no other network of the account may have them."
  type        = string
  default     = "10.138.0.0/20"
}

variable "service_range" {
  description = "Addresses of Services."
  type        = string
  default     = "10.138.32.0/19"
}

variable "pod_range" {
  description = "Addresses of pods; a node takes 128 of them."
  type        = string
  default     = "10.138.128.0/17"
}

variable "create_registry" {
  description = "Whether the registry of the images is made here; else it must be there."
  type        = bool
  default     = false
}

variable "registry_name" {
  description = "Name of the registry; nobody else on DigitalOcean has it."
  type        = string
  default     = "todo"
}

variable "registry_tier" {
  description = "Plan of the registry."
  type        = string
  default     = "basic"
}
