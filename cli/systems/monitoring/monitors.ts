import type { Platform } from '../../definition/platform.ts';
import { DAPR_NAMESPACE } from '../dapr.ts';
import { kafkaCluster, kafkaOf } from '../kafka-access.ts';
import { STRIMZI_OPERATOR, strimziPods } from '../kafka-network.ts';
import type { Artefact, Serves } from '../system.ts';

interface Endpoint {
  port: string;
  path: string;
  relabelings?: readonly object[];
}

/** What Strimzi's own dashboards need beside the labels that every PodMonitor gives: namespace, pod, container. */
const STRIMZI_LABELS = [
  { action: 'labelmap', regex: '__meta_kubernetes_pod_label_(strimzi_io_.+)', replacement: '$1' },
  { action: 'replace', sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'kubernetes_pod_name' },
  { action: 'replace', sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'node_name' },
  { action: 'replace', sourceLabels: ['__meta_kubernetes_pod_host_ip'], targetLabel: 'node_ip' },
];

/** Ports of the operators of topics and users, which share a pod (Strimzi 1.1 and later). */
const ENTITY_OPERATOR_PORTS = { 'healthcheck-to': 8080, 'healthcheck-uo': 8081 } as const;

/** What Prometheus reads beside the services and their sidecars, which the chart of the app names itself. */
export function monitorArtefacts(platform: Platform): Artefact[] {
  const { services, environment } = platform;
  const cluster = { 'strimzi.io/cluster': kafkaCluster(platform) };
  return [
    ...(kafkaOf(platform).provider === 'strimzi'
      ? [
          // Brokers, exporter, Cruise Control, Connect: each pod that has the port.
          podMonitor('kafka', { matchLabels: cluster, matchExpressions: [{ key: 'strimzi.io/kind', operator: 'In', values: ['Kafka', 'KafkaConnect', 'KafkaMirrorMaker2'] }] }, [
            { port: 'tcp-prometheus', path: '/metrics', relabelings: STRIMZI_LABELS },
          ]),
          podMonitor(
            'kafka-entity-operator',
            { matchLabels: strimziPods(platform, 'entity-operator').labels },
            Object.keys(ENTITY_OPERATOR_PORTS).map((port) => ({ port, path: '/metrics' })),
          ),
          podMonitor('strimzi', { matchLabels: STRIMZI_OPERATOR.labels }, [{ port: 'http', path: '/metrics' }], STRIMZI_OPERATOR.namespace),
        ]
      : []),
    ...(services.some(({ sidecar }) => sidecar)
      ? [podMonitor('dapr-system', { matchLabels: { 'app.kubernetes.io/part-of': 'dapr' } }, [{ port: 'metrics', path: '/' }], DAPR_NAMESPACE)]
      : []),
    ...(environment.host === undefined
      ? []
      : [podMonitor('cert-manager', { matchLabels: { 'app.kubernetes.io/name': 'cert-manager' } }, [{ port: 'http-metrics', path: '/metrics' }], 'cert-manager')]),
  ];
}

/** Pods that are read here and that no other system names. */
export function monitored(platform: Platform): Serves[] {
  if (kafkaOf(platform).provider !== 'strimzi') return [];
  return [{ id: 'metrics', pods: strimziPods(platform, 'entity-operator'), ports: Object.values(ENTITY_OPERATOR_PORTS).map((port) => ({ port })) }];
}

/** `elsewhere`: the namespace of the pods, where it is not the monitor's own. */
function podMonitor(name: string, selector: object, endpoints: readonly Endpoint[], elsewhere?: string): Artefact {
  return {
    owner: 'release',
    file: `monitor-${name}.yaml`,
    template: 'monitoring/pod-monitor.yaml.hbs',
    view: { name, selector, endpoints, elsewhere: elsewhere ?? null },
  };
}
