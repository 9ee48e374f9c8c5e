import * as z from 'zod';

const tags = z.array(z.string());
const labels = z.record(z.string(), z.string()).nullable();
const taint = z.strictObject({ key: z.string(), value: z.string(), effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']) });
const toggle = z.strictObject({ enabled: z.boolean() });

const poolFields = { name: z.string(), count: z.int().min(0), tags: tags.optional(), labels: labels.optional(), taints: z.array(taint).optional(), auto_scale: z.boolean().optional(), min_nodes: z.int().min(0).optional(), max_nodes: z.int().min(0).optional() };
export const newPool = z.strictObject({ ...poolFields, size: z.string() });
export const changedPool = z.strictObject(poolFields);

/** Settings that a cluster gives back as they came. */
const settings = {
  control_plane_firewall: z.strictObject({ enabled: z.boolean(), allowed_addresses: z.array(z.string()) }).optional(),
  cluster_autoscaler_configuration: z
    .strictObject({ scale_down_utilization_threshold: z.number().optional(), scale_down_unneeded_time: z.string().optional(), expanders: z.array(z.enum(['random', 'priority', 'least_waste'])).optional() })
    .optional(),
  routing_agent: toggle.optional(),
  coredns_autoscaler: toggle.optional(),
  p2p_oci_registry_plugin: toggle.optional(),
};
export const SETTINGS = Object.keys(settings);

const maintenance = z.strictObject({ start_time: z.string().regex(/^\d\d:\d\d$/), day: z.enum(['any', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']) });
const common = { tags: tags.optional(), auto_upgrade: z.boolean().optional(), surge_upgrade: z.boolean().optional(), ha: z.boolean().optional(), maintenance_policy: maintenance.optional(), ...settings };

export const newCluster = z.strictObject({
  ...common,
  name: z.string(),
  region: z.string(),
  version: z.string(),
  node_pools: z.array(newPool).min(1),
  vpc_uuid: z.uuid().optional(),
  cluster_subnet: z.string().optional(),
  service_subnet: z.string().optional(),
});
export const changedCluster = z.strictObject({ ...common, name: z.string() });

export type NewPool = z.output<typeof newPool>;
export type NewCluster = z.output<typeof newCluster>;
