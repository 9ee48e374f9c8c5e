# Made by todoctl from todoctl.yaml (environment staging) and templates/terraform/backend.tf.hbs; rendering writes it anew.
# The state stays beside these files and holds passwords: keep it. For a team, name a bucket in todoctl.yaml: terraform: { bucket: … }.
terraform {
  backend "local" {
    path = "terraform.tfstate"
  }
}
