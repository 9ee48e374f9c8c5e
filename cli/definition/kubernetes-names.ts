import type { Problem } from './problems.ts';

/** Names hold 63 characters by the schema; Dapr's operator makes a Service `<service>-dapr`. */
const LONGEST = 63;
const LONGEST_SERVICE = LONGEST - '-dapr'.length;
/** Of most objects, as of Dapr's Subscription `<service>-<topic>`. */
const LONGEST_OBJECT = 253;

/** Namespaces that every cluster has, and those that systems live in. The platform's own has its name. */
export const TAKEN_NAMESPACES: readonly string[] = [
  'argocd', 'cert-manager', 'chaos-mesh', 'dapr-system', 'default', 'keda', 'monitoring', 'strimzi-system', 'tracing', 'velero',
];

/** ServiceAccounts, Services and pods beside the services': the namespace's own, those of PostgreSQL, of its dump and of Redis. */
const TAKEN = ['default', 'postgres', 'postgres-dump', 'valkey', 'valkey-headless', 'valkey-metrics'];
/** What our chart names after the platform: where closed paths lead, and the pod that asks whether a release works. */
const TAKEN_OF_CHART = ['nobody', 'smoke'];

/**
 * Names that are right by themselves and do not fit into a cluster: too long for what is made of them, or somebody else's there.
 * `consumed`: the topics of each service. Kafka's names are in reserved-names.ts.
 */
export function kubernetesNameProblems(platform: unknown, consumed: ReadonlyMap<string, readonly string[]>, inCluster: boolean): Problem[] {
  const services = [...consumed.keys()];
  const taken = [...TAKEN, ...TAKEN_OF_CHART.map((ending) => `${String(platform)}-${ending}`), `cilium-gateway-${String(platform)}`];
  const problem = (message: string, ...path: string[]): Problem => ({ code: 'TODOCTL_DEFINITION_BAD_NAME', message, path, at: path.length > 1 ? 'key' : 'value' });
  const namespace = inCluster && typeof platform === 'string' && (TAKEN_NAMESPACES.includes(platform) || platform.startsWith('kube-'));
  return [
    ...(namespace ? [problem(`the platform would live in the namespace ${platform}, which is somebody else’s`, 'platform')] : []),
    ...[...consumed].flatMap(([service, topics]) => {
      const sidecars = services.find((other) => service === `${other}-dapr`);
      const tooLong = service.length > LONGEST_SERVICE && service.length <= LONGEST;
      return [
        ...(tooLong ? [problem(`a service has a name of at most ${LONGEST_SERVICE} characters, for Dapr makes a longer one of it; this one has ${service.length}`, 'services', service)] : []),
        ...(taken.includes(service) ? [problem(`${service} is the name of something else in the cluster`, 'services', service)] : []),
        ...(sidecars === undefined ? [] : [problem(`${service} is what Dapr calls the sidecars of ${sidecars}`, 'services', service)]),
        ...topics
          .filter((topic) => !tooLong && service.length + 1 + topic.length > LONGEST_OBJECT)
          .map((topic) => problem(`${service} with ${topic} would be an object of Kubernetes with a name of more than ${LONGEST_OBJECT} characters`, 'services', service)),
      ];
    }),
  ];
}
