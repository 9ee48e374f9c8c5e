// The judge of core kinds: right objects pass, and each mistake that an API server would refuse is found, and only that.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { coreMistakes, isCore } from '../../support/core-kinds.ts';
import { metadataMistakes, quantity } from '../../support/core-rules.ts';
import type { KubernetesObject } from '../../support/rendered.ts';

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: todo, labels: { app.kubernetes.io/name: api }, annotations: { "example.com/words": "any words, with spaces" } }
spec:
  replicas: 2
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api, tier: web } }
    spec:
      serviceAccountName: api
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      nodeSelector: { kubernetes.io/os: linux }
      initContainers: [{ name: first, image: busybox }]
      containers:
        - name: app
          image: example/api:1
          env: [{ name: PORT, value: "8080" }, { name: POD, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /healthz, port: http } }
          resources: { requests: { cpu: 100m, memory: 128Mi }, limits: { memory: 256Mi } }
          volumeMounts: [{ name: tmp, mountPath: /tmp }]
      volumes: [{ name: tmp, emptyDir: { sizeLimit: 1Mi } }]
`;
const OTHERS: Record<string, string> = {
  Namespace: '{ apiVersion: v1, kind: Namespace, metadata: { name: todo } }',
  Service: '{ apiVersion: v1, kind: Service, metadata: { name: api }, spec: { selector: { app: api }, ports: [{ name: http, port: 80, targetPort: http }, { name: dns, port: 53, protocol: UDP }] } }',
  ServiceAccount: '{ apiVersion: v1, kind: ServiceAccount, metadata: { name: api }, automountServiceAccountToken: false }',
  ConfigMap: '{ apiVersion: v1, kind: ConfigMap, metadata: { name: c }, data: { a.json: "{}" } }',
  ResourceQuota: '{ apiVersion: v1, kind: ResourceQuota, metadata: { name: q }, spec: { hard: { requests.cpu: "4", pods: "50" } } }',
  LimitRange: '{ apiVersion: v1, kind: LimitRange, metadata: { name: l }, spec: { limits: [{ type: Container, default: { cpu: 100m } }] } }',
  HorizontalPodAutoscaler: `{ apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: { name: api }, spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: api }, minReplicas: 1, maxReplicas: 3,
    metrics: [{ type: ContainerResource, containerResource: { name: cpu, container: app, target: { type: Utilization, averageUtilization: 70 } } }] } }`,
  PodDisruptionBudget: '{ apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: { name: api }, spec: { maxUnavailable: 50%, selector: { matchLabels: { app: api } } } }',
  NetworkPolicy: '{ apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: { name: api }, spec: { podSelector: {}, policyTypes: [Ingress], ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/8 } }], ports: [{ port: 80 }] }] } }',
  Role: '{ apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: { name: "todo:reader" }, rules: [{ apiGroups: [""], resources: [pods], verbs: [get] }] }',
  RoleBinding: '{ apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: { name: r }, roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: r }, subjects: [{ kind: Group, name: g, apiGroup: rbac.authorization.k8s.io }] }',
  CronJob: '{ apiVersion: batch/v1, kind: CronJob, metadata: { name: dump }, spec: { schedule: "0 3 * * *", jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: dump, image: postgres }] } } } } } }',
  StorageClass: '{ apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: { name: s }, provisioner: p }',
};

const of = (text: string): KubernetesObject => parse(text) as KubernetesObject;
/** The mistakes of the Deployment, or another kind's example, with one part of its text replaced. */
function changed(part: string, other: string, kind?: string): string[] {
  const text = kind === undefined ? DEPLOYMENT : (OTHERS[kind] ?? '');
  expect(text).toContain(part);
  return coreMistakes(of(text.replace(part, other)));
}

test.each(Object.entries({ Deployment: DEPLOYMENT, ...OTHERS }))('a right %s', (_, text) => {
  expect(coreMistakes(of(text))).toEqual([]);
});

describe('shape', () => {
  test.each([
    ['replicas: 2', 'replica: 2', ['Deployment.spec.replica is unknown']],
    ['replicas: 2', 'replicas: two', ['Deployment.spec.replicas is not a whole number']],
    ['replicas: 2', 'replicas: 1.5', ['Deployment.spec.replicas is not a whole number']],
    ['runAsNonRoot: true', 'runAsNonRoot: "true"', ['Deployment.spec.template.spec.securityContext.runAsNonRoot is not true or false']],
    ['value: "8080"', 'value: 8080', ['Deployment.spec.template.spec.containers[0].env[0].value is not a text']],
    ['app: api, tier: web', 'app: api, tier: 1', ['Deployment.spec.template.metadata.labels.tier is not a text']],
    ['- name: app\n', '- terminationMessagePath: /x\n', ['Deployment.spec.template.spec.containers[0].name is missing']],
    ['selector: { matchLabels: { app: api } }', 'paused: false', ['Deployment.spec.selector is missing']],
    ['initContainers: [{ name: first, image: busybox }]', 'initContainers: { name: first }', ['Deployment.spec.template.spec.initContainers is not a list']],
    ['port: http }', 'port: true }', ['Deployment.spec.template.spec.containers[0].readinessProbe.httpGet.port is not a text or a whole number']],
    ['volumes: [{ name: tmp', 'volumes: [null, { name: tmp', ['Deployment.spec.template.spec.volumes[0] is not a map']],
  ])('%s → %s', (part, other, mistakes) => {
    expect(changed(part, other)).toEqual(mistakes);
  });

  test('words that JavaScript keeps for itself are keys too', () => {
    expect(changed('from: [', '_from: [', 'NetworkPolicy')).toEqual(['NetworkPolicy.spec.ingress[0]._from is unknown']);
  });

  test('an older version, and a kind of another group, are no core kinds', () => {
    expect(coreMistakes({ ...of(DEPLOYMENT), apiVersion: 'extensions/v1beta1' })).toEqual(['extensions/v1beta1 Deployment is no core kind']);
    expect(isCore({ apiVersion: 'v1', kind: 'Deployment' })).toBe(false);
    expect(isCore({ apiVersion: 'constructor', kind: 'Deployment' })).toBe(false);
  });
});

describe('beyond the shape', () => {
  const long = 'a'.repeat(64);
  test.each<[string, string, string, string | undefined]>([
    ['metadata: { name: api', 'metadata: { name: Api', 'Deployment cannot be named Api', undefined],
    ['namespace: todo', 'namespace: to.do', 'Deployment api cannot be in namespace to.do', undefined],
    ['app.kubernetes.io/name: api', `app.kubernetes.io/name: ${long}`, `Deployment api: metadata.labels.app.kubernetes.io/name cannot be ${long}`, undefined],
    ['example.com/words', 'example.com/words/more', 'Deployment api: metadata.annotations.example.com/words/more is no key', undefined],
    ['app: api, tier: web', 'app: web', 'Deployment.spec.selector.app is not what the pods have', undefined],
    ['name: first', 'name: app', 'two containers have one name', undefined],
    ['name: first', 'name: first.one', 'a container cannot be named first.one', undefined],
    ['{ name: POD, valueFrom', '{ name: PORT, valueFrom', 'container app has a variable twice', undefined],
    ['{ name: POD, valueFrom', '{ name: POD, value: x, valueFrom', 'container app cannot have the variable POD so', undefined],
    ['containerPort: 8080', 'containerPort: 80800', 'Deployment.spec.template.spec.containers[0].ports[0].containerPort is no port', undefined],
    ['port: http }', 'port: a-name-that-is-too-long }', 'Deployment.spec.template.spec.containers[0].readinessProbe.httpGet.port is no port', undefined],
    ['cpu: 100m', 'cpu: 100 m', 'Deployment.spec.template.spec.containers[0].resources.requests.cpu is no quantity', undefined],
    ['memory: 256Mi', 'memory: 127Mi', 'container app requests more memory than its limit', undefined],
    ['volumeMounts: [{ name: tmp', 'volumeMounts: [{ name: temp', 'container app mounts temp, which is no volume', undefined],
    ['emptyDir: { sizeLimit: 1Mi }', 'emptyDir: {}, secret: { secretName: s }', 'volume tmp has not exactly one source', undefined],
    ['serviceAccountName: api', 'restartPolicy: Never', 'restartPolicy cannot be Never', undefined],
    ['name: todo', 'name: to.do', 'Namespace cannot be named to.do', 'Namespace'],
    ['name: api', 'name: 1api', 'Service cannot be named 1api', 'Service'],
    ['name: api', `name: ${long}`, `Service cannot be named ${long}`, 'Service'],
    ['name: dns, ', '', 'Service.spec.ports of several need names', 'Service'],
    ['port: 53, protocol: UDP', 'port: 80', 'Service.spec.ports has a port twice', 'Service'],
    ['a.json', 'a/json', 'ConfigMap has no key a/json', 'ConfigMap'],
    ['"{}"', `"${'x'.repeat(1024 * 1024 + 1)}"`, 'ConfigMap is larger than 1 MiB', 'ConfigMap'],
    ['requests.cpu: "4"', 'requests.cpu: four', 'ResourceQuota.spec.hard.requests.cpu is no quantity', 'ResourceQuota'],
    ['minReplicas: 1', 'minReplicas: 4', 'HorizontalPodAutoscaler from 4 to 3', 'HorizontalPodAutoscaler'],
    ['maxUnavailable: 50%', 'maxUnavailable: 50%, minAvailable: 1', 'PodDisruptionBudget has not exactly one of minAvailable and maxUnavailable', 'PodDisruptionBudget'],
    ['maxUnavailable: 50%, ', '', 'PodDisruptionBudget has not exactly one of minAvailable and maxUnavailable', 'PodDisruptionBudget'],
    ['{ ipBlock: { cidr: 10.0.0.0/8 } }', '{}', 'NetworkPolicy has a peer of nothing, or of a block and a selector', 'NetworkPolicy'],
    ['port: 80', 'port: 0', 'NetworkPolicy.spec.ingress[0].ports[0].port is no port', 'NetworkPolicy'],
    ['0 3 * * *', '0 0 3 * * *', 'CronJob.spec.schedule is not of five fields', 'CronJob'],
    ['restartPolicy: Never, ', '', 'restartPolicy cannot be Always', 'CronJob'],
    ['name: dump', `name: ${'a'.repeat(53)}`, `CronJob cannot be named ${'a'.repeat(53)}`, 'CronJob'],
    ['todo:reader', 'todo/reader', 'Role cannot be named todo/reader', 'Role'],
  ])('%s → %.40s', (part, other, mistake, kind) => {
    expect(changed(part, other, kind)).toEqual([mistake]);
  });

  test('names of objects of CRDs are subdomains', () => {
    expect(metadataMistakes(of('{ apiVersion: kafka.strimzi.io/v1, kind: KafkaTopic, metadata: { name: task-events.dlq } }'))).toEqual([]);
    expect(metadataMistakes(of('{ apiVersion: kafka.strimzi.io/v1, kind: KafkaTopic, metadata: { name: task..events } }'))).toEqual(['KafkaTopic cannot be named task..events']);
  });
});

test('quantities are compared as numbers', () => {
  expect([quantity('500m'), quantity('1Ki'), quantity('1k'), quantity(2), quantity('1e3')]).toEqual([0.5, 1024, 1000, 2, 1000]);
});
