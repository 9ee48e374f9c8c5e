// CRDs of other people's operators: theirs where they are on this machine (../shared/specs/crds), else ones that take anything.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../../../../shared/specs/crds');

interface Kind {
  group: string;
  kind: string;
  version: string;
  scope?: 'Cluster';
  /** Where it is not what the API's names usually are. */
  plural?: string;
}

/** What each chart brings, as far as anything here uses it. */
const KINDS: Readonly<Record<string, readonly Kind[]>> = {
  strimzi: ['Kafka', 'KafkaConnect', 'KafkaConnector', 'KafkaMirrorMaker2', 'KafkaNodePool', 'KafkaRebalance', 'KafkaTopic', 'KafkaUser'].map((kind) => ({ group: 'kafka.strimzi.io', kind, version: 'v1' })),
  'kube-prometheus-stack': ['ServiceMonitor', 'PodMonitor', 'PrometheusRule', 'Prometheus', 'Alertmanager'].map((kind) => ({ group: 'monitoring.coreos.com', kind, version: 'v1', ...(kind === 'Prometheus' ? { plural: 'prometheuses' } : {}) })),
  'cert-manager': [
    ...['Certificate', 'CertificateRequest', 'Issuer'].map((kind) => ({ group: 'cert-manager.io', kind, version: 'v1' })),
    { group: 'cert-manager.io', kind: 'ClusterIssuer', version: 'v1', scope: 'Cluster' },
  ],
  keda: ['ScaledObject', 'TriggerAuthentication'].map((kind) => ({ group: 'keda.sh', kind, version: 'v1alpha1' })),
  velero: ['BackupStorageLocation', 'Schedule', 'Backup'].map((kind) => ({ group: 'velero.io', kind, version: 'v1' })),
};

/** The CRDs of a chart, as YAML that `kubectl apply` reads; empty for a chart that has none. Real ones find the mistakes that the real system would find. */
export function crdsOf(chart: string): string {
  const real = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => file.startsWith(`${PREFIXES[chart] ?? chart}-`)).map((file) => readFileSync(path.join(FOLDER, file), 'utf8')) : [];
  const known = new Set(real.flatMap((text) => [...text.matchAll(/^ {2}name: (\S+)$/gm)].map(([, name = '']) => name)));
  const missing = (KINDS[chart] ?? []).map(permissive).filter(({ metadata: { name } }) => !known.has(name));
  return [...real, ...missing.map((crd) => JSON.stringify(crd))].join('\n---\n');
}

const PREFIXES: Readonly<Record<string, string>> = { 'kube-prometheus-stack': 'prometheus' };

function permissive({ group, kind, version, scope, plural = `${kind.toLowerCase()}s` }: Kind): { metadata: { name: string } } & Record<string, unknown> {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, singular: kind.toLowerCase(), plural },
      scope: scope ?? 'Namespaced',
      versions: [{ name: version, served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } } }],
    },
  };
}

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;
