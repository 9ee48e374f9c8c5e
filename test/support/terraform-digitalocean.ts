/** What a block of the provider takes and what can be read of it; inner blocks by their name. */
export interface Known {
  /** Without these it is refused. */
  required: readonly string[];
  optional: readonly string[];
  /** Can be read only. */
  read: readonly string[];
  blocks?: Readonly<Record<string, Known>>;
}

const block = (required: readonly string[], optional: readonly string[] = []): Known => ({ required, optional, read: [] });

/**
 * The resources that Terraform files may have, closed-world: from the sources of digitalocean/digitalocean 2.99.1 and its documentation
 * (docs/resources, docs/data-sources). A name that is not here is a mistake until somebody has looked it up.
 */
export const RESOURCES: Readonly<Record<string, Known>> = {
  digitalocean_vpc: { required: ['name', 'region'], optional: ['description', 'ip_range'], read: ['id', 'urn', 'default', 'created_at'] },
  digitalocean_kubernetes_cluster: {
    required: ['name', 'region', 'version', 'node_pool'],
    optional: [
      'cluster_subnet', 'service_subnet', 'vpc_uuid', 'worker_subnet_uuid', 'auto_upgrade', 'surge_upgrade', 'ha', 'isolated_workers',
      'registry_integration', 'tags', 'destroy_all_associated_resources', 'kubeconfig_expire_seconds',
    ],
    read: ['id', 'ipv4_address', 'endpoint', 'status', 'created_at', 'updated_at', 'kube_config', 'urn'],
    blocks: {
      node_pool: block(['name', 'size'], ['node_count', 'auto_scale', 'min_nodes', 'max_nodes', 'tags', 'labels']),
      maintenance_policy: block(['day', 'start_time']),
      control_plane_firewall: block(['enabled', 'allowed_addresses']),
    },
  },
  digitalocean_container_registry: { required: ['name', 'subscription_tier_slug'], optional: ['region'], read: ['id', 'endpoint', 'server_url', 'storage_usage_bytes', 'created_at'] },
  digitalocean_database_cluster: {
    required: ['name', 'engine', 'size', 'region', 'node_count', 'version'],
    optional: ['tags', 'private_network_uuid', 'project_id', 'eviction_policy', 'sql_mode', 'storage_size_mib'],
    read: ['id', 'urn', 'host', 'private_host', 'port', 'uri', 'private_uri', 'database', 'user', 'password', 'metrics_endpoints'],
    blocks: {
      maintenance_window: block(['day', 'hour']),
      storage_autoscale: block(['enabled'], ['threshold_percent', 'increment_gib']),
      backup_restore: block(['database_name'], ['backup_created_at']),
    },
  },
  digitalocean_database_db: { required: ['cluster_id', 'name'], optional: [], read: ['id'] },
  digitalocean_database_user: {
    required: ['cluster_id', 'name'],
    optional: ['mysql_auth_plugin'],
    read: ['id', 'role', 'password', 'access_cert', 'access_key'],
    blocks: { settings: { required: [], optional: [], read: [], blocks: { acl: block(['topic', 'permission']), opensearch_acl: block(['index', 'permission']) } } },
  },
  digitalocean_database_connection_pool: {
    required: ['cluster_id', 'name', 'mode', 'size', 'db_name'],
    optional: ['user', 'skip_if_exists'],
    read: ['id', 'host', 'private_host', 'port', 'uri', 'private_uri', 'password'],
  },
  digitalocean_database_firewall: { required: ['cluster_id', 'rule'], optional: [], read: ['id'], blocks: { rule: block(['type', 'value']) } },
  digitalocean_database_kafka_topic: {
    required: ['cluster_id', 'name'],
    optional: ['partition_count', 'replication_factor'],
    read: ['id', 'state'],
    blocks: {
      config: block([], [
        'cleanup_policy', 'compression_type', 'delete_retention_ms', 'file_delete_delay_ms', 'flush_messages', 'flush_ms', 'index_interval_bytes',
        'max_compaction_lag_ms', 'max_message_bytes', 'message_down_conversion_enable', 'message_format_version', 'message_timestamp_difference_max_ms',
        'message_timestamp_type', 'min_cleanable_dirty_ratio', 'min_insync_replicas', 'preallocate', 'retention_bytes', 'retention_ms', 'segment_bytes',
        'segment_index_bytes', 'segment_jitter_ms', 'segment_ms',
      ]),
    },
  },
};

export const DATA: Readonly<Record<string, Known>> = {
  digitalocean_kubernetes_versions: { required: [], optional: ['version_prefix'], read: ['valid_versions', 'latest_version'] },
  digitalocean_container_registry: { required: ['name'], optional: [], read: ['id', 'subscription_tier_slug', 'region', 'endpoint', 'server_url', 'storage_usage_bytes', 'created_at'] },
  digitalocean_database_ca: { required: ['cluster_id'], optional: [], read: ['certificate'] },
};

/** Blocks and attributes of Terraform itself, in any resource. */
export const META = ['count', 'for_each', 'depends_on', 'provider'] as const;
export const LIFECYCLE: Known = block([], ['prevent_destroy', 'ignore_changes', 'create_before_destroy']);

/** Blocks of the language, by their type: attributes that they take. Providers and backends have their own. */
export const LANGUAGE: Readonly<Record<string, Known>> = {
  terraform: {
    required: [],
    optional: ['required_version'],
    read: [],
    blocks: {
      required_providers: block([], ['digitalocean']),
      backend: block([], [
        'bucket', 'key', 'endpoints', 'region', 'path', 'skip_credentials_validation', 'skip_metadata_api_check', 'skip_region_validation', 'skip_requesting_account_id', 'skip_s3_checksum',
      ]),
    },
  },
  provider: block([], ['token', 'spaces_access_id', 'spaces_secret_key', 'api_endpoint', 'spaces_endpoint']),
  variable: block([], ['type', 'default', 'description', 'sensitive', 'nullable', 'validation']),
  output: block(['value'], ['description', 'sensitive', 'depends_on']),
};

/** Attributes that hold a secret: what is made of them is one too. */
export const SENSITIVE: readonly string[] = ['password', 'uri', 'private_uri', 'access_key', 'access_cert', 'kube_config'];
