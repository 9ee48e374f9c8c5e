import type { Platform, Service } from '../definition/platform.ts';
import { componentArtefacts, secretStoreOf, subscriptionArtefact } from './dapr-components.ts';
import { resiliencyArtefacts } from './dapr-resiliency.ts';
import { namespaceOf } from './names.ts';
import type { Artefact, Chart, Footprint, System } from './system.ts';
import { tracingOf } from './tracing.ts';

/** Where the control plane lives. */
export const DAPR_NAMESPACE = 'dapr-system';
const VERSION = '1.18.2';
const METRICS_PORT = 9090;
/** Ports of the pods behind the Services that a sidecar calls: operator, sentry, placement, scheduler. */
const CONTROL_PLANE_PORTS = [6500, 50_001, 50_005, 50_006];
/** Sentry gives it to a sidecar whose Configuration names no other. */
const TRUST_DOMAIN = 'public';
/** GiB of one scheduler; a volume claim cannot be changed after the first installation. */
const SCHEDULER_STORAGE = 1;

/** Dapr's control plane, and the objects that its sidecars read. */
export const dapr: System = {
  id: 'dapr',
  needs: [],
  parts(platform) {
    if (!platform.services.some(({ sidecar }) => sidecar)) return undefined;
    const pods = { namespace: DAPR_NAMESPACE, labels: { 'app.kubernetes.io/part-of': 'dapr' } };
    return {
      namespace: { name: DAPR_NAMESPACE, podSecurity: 'restricted' },
      charts: [controlPlane(platform)],
      artefacts: daprArtefacts(platform),
      serves: [
        { id: 'dapr', pods, ports: CONTROL_PLANE_PORTS.map((port) => ({ port })) },
        { id: 'metrics', pods, ports: [{ port: METRICS_PORT }] },
      ],
    };
  },
};

/** The Dapr objects of a platform, as data: the same on a laptop and in a cluster. Order and names follow the definition. */
export function daprArtefacts(platform: Platform): Artefact[] {
  const services = platform.services.filter(({ sidecar }) => sidecar);
  return [
    ...configurationArtefacts(platform, services),
    ...componentArtefacts(platform, services),
    ...resiliencyArtefacts(platform, services),
    ...services.flatMap((service) => service.subscriptions.map((subscription) => subscriptionArtefact(service, subscription))),
  ];
}

/**
 * Name of the Configuration that the sidecar of a service reads, for its annotation `dapr.io/config`. A service that others
 * invoke has its own: it names who may call it.
 */
export function configurationOf(platform: Platform, { name, invokedBy }: Service): string {
  return platform.environment.provider !== 'local' && invokedBy.length > 0 ? `${platform.name}-${name}` : platform.name;
}

/**
 * The platform's Configuration, which lets nobody call, and one for each service that is invoked, which lets those call that invoke it.
 * On a laptop there is one, which asks nobody: without mTLS a sidecar cannot know who calls.
 */
function configurationArtefacts(platform: Platform, services: readonly Service[]): Artefact[] {
  const local = platform.environment.provider === 'local';
  const tracing = tracingOf(platform);
  const configuration = (name: string, callers: readonly string[]): Artefact => ({
    owner: 'release',
    file: name === platform.name ? 'configuration.yaml' : `configuration-${name}.yaml`,
    template: 'dapr/configuration.yaml.hbs',
    view: {
      name,
      sampling: String(tracing?.sampling ?? 1),
      otlp: tracing?.protocol === 'otlp' ? otlp(tracing.endpoint) : null,
      zipkin: tracing?.protocol === 'zipkin' ? tracing.endpoint : null,
      nameResolution: local ? 'names.db' : null,
      // In a cluster nobody restarts a sidecar for an object of Dapr, and Helm makes those after the Deployments: sidecars watch them.
      restarted: local,
      access: local ? null : { callers, trustDomain: TRUST_DOMAIN, callersNamespace: namespaceOf(platform) },
      secretStore: secretStoreOf(platform),
    },
  });
  const invoked = local ? [] : services.filter(({ invokedBy }) => invokedBy.length > 0);
  return [configuration(platform.name, []), ...invoked.map((service) => configuration(configurationOf(platform, service), service.invokedBy))];
}

/** daprd wants `host:port` and is told apart whether that speaks TLS. */
function otlp(endpoint: string): { address: string; secure: boolean } {
  return { address: endpoint.replace(/^https?:\/\//, ''), secure: endpoint.startsWith('https://') };
}

/** Where people rely on an environment each part has three replicas. The scheduler has three always: it is a quorum. */
function controlPlane(platform: Platform): Chart {
  const highlyAvailable = platform.environment.protected;
  const replicas = highlyAvailable ? 3 : 1;
  const part = (name: string, more: Partial<Footprint> = {}): Footprint => ({ name, replicas, cpu: 50, memory: 64, ...more });
  const pods = {
    operator: part('dapr-operator', { memory: 96 }),
    sentry: part('dapr-sentry'),
    placement: part('dapr-placement-server'),
    sidecarInjector: part('dapr-sidecar-injector'),
    scheduler: part('dapr-scheduler-server', { replicas: 3, memory: 128, volumes: [SCHEDULER_STORAGE] }),
  };
  return {
    release: 'dapr',
    namespace: DAPR_NAMESPACE,
    chart: 'dapr',
    repository: 'https://dapr.github.io/helm-charts/',
    version: VERSION,
    values: {
      template: 'helm/dapr.values.yaml.hbs',
      view: {
        highlyAvailable,
        metricsPort: METRICS_PORT,
        schedulerStorage: `${SCHEDULER_STORAGE}Gi`,
        injected: {
          namespace: { matchLabels: { 'kubernetes.io/metadata.name': namespaceOf(platform) } },
          pods: { matchLabels: { 'app.kubernetes.io/part-of': platform.name } },
        },
        requests: Object.fromEntries(Object.entries(pods).map(([name, { cpu, memory }]) => [name, { cpu: `${cpu}m`, memory: `${memory}Mi` }])),
      },
    },
    provides: ['dapr.io'],
    pods: Object.values(pods),
  };
}
