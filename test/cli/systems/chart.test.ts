// charts/todo as rendered: for any platform right objects, one owner of each number of replicas, and nothing that Pod Security refuses.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { renderChart } from '../../../cli/render/chart/chart.ts';
import { openChart } from '../../../cli/render/chart/open-chart.ts';
import { openTemplates, packagedFolder } from '../../../cli/render/templates.ts';
import { appValues } from '../../../cli/systems/app-values.ts';
import { podsOf } from '../../../cli/systems/names.ts';
import { privatePrefix } from '../../../cli/targets/local/gateway/private-paths.ts';
import { clusterPlatforms } from '../../support/cluster-platforms.ts';
import { coreMistakes, isCore } from '../../support/core-kinds.ts';
import { Crds } from '../../support/crd.ts';
import { crdFiles } from '../../support/crds.ts';
import { minimal } from '../../support/definition.ts';
import { type KubernetesObject, platformIn, tagsOf } from '../../support/rendered.ts';

const chart = openChart(path.join(packagedFolder('charts'), 'todo'));
const templates = openTemplates();

const crds = new Crds();
const files = crdFiles();
for (const file of files ?? []) crds.add(readFileSync(file, 'utf8'));
if (!files) process.stderr.write('skipped: ../shared/specs/crds is not there, so objects of other people’s kinds are not checked\n');

/** The objects of a release, by way of the values file that Helm would read. */
function objectsOf(platform: Platform, more: object = {}): KubernetesObject[] {
  const values = parse(templates.fill('helm/todo.values.yaml.hbs', { values: { ...appValues(platform, tagsOf(platform)), ...more } })) as object;
  return renderChart(chart, values, { name: platform.name, namespace: platform.name }).map(({ text }) => parse(text, { version: '1.1' }) as KubernetesObject);
}

// Every property draws the same platforms, so that each is rendered once.
const seed = Date.now() % 2 ** 31;
const rendered = new Map<string, KubernetesObject[]>();

/** Checks the objects of each random platform. */
function forEvery(check: (objects: KubernetesObject[], platform: Platform) => void): void {
  fc.assert(
    fc.property(clusterPlatforms, (platform) => {
      const key = JSON.stringify(platform);
      const objects = rendered.get(key) ?? objectsOf(platform);
      rendered.set(key, objects);
      check(objects, platform);
    }),
    { seed, numRuns: 50 },
  );
}

interface Container {
  name: string;
  image: string;
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: object; fieldRef?: object } }[];
  envFrom?: object[];
  ports?: { name: string; containerPort: number }[];
  resources: { requests: object; limits: object };
  securityContext: object;
  volumeMounts?: { mountPath: string }[];
  [key: string]: unknown;
}
interface PodSpec {
  serviceAccountName?: string;
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds: number;
  imagePullSecrets?: object[];
  securityContext: object;
  containers: Container[];
  volumes?: object[];
}
interface Deployment {
  replicas?: number;
  selector: { matchLabels: Record<string, string> };
  strategy: object;
  template: { metadata: { labels: Record<string, string>; annotations: Record<string, string> }; spec: PodSpec };
}
const specOf = <Spec>(object: KubernetesObject | undefined): Spec => object?.['spec'] as Spec;
const ofKind = (objects: readonly KubernetesObject[], kind: string): Map<string, KubernetesObject> => new Map(objects.filter((object) => object.kind === kind).map((object) => [object.metadata.name, object]));
const deployment = (objects: readonly KubernetesObject[], name: string): Deployment => specOf<Deployment>(ofKind(objects, 'Deployment').get(name));
const cluster = (services: string, more = ''): string =>
  `platform: todo\ntopics:\n  task-events: { key: task }\nservices:\n${services}\nenvironments:\n  prod: { provider: existing, context: mine, auth: { jwks: https://id.example.com/keys }${more} }\n`;

describe('for any platform', () => {
  test('every object is right by the definition of its kind', () => {
    forEvery((objects) => {
      for (const object of objects) {
        const mistakes = isCore(object) ? coreMistakes(object) : files ? crds.mistakes(object) : [];
        expect(mistakes, `${object.kind} ${object.metadata.name}`).toEqual([]);
      }
    });
  });

  test('no two objects are the same one, all are in the namespace and say whose they are', () => {
    forEvery((objects, { name, environment }) => {
      const ids = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(ids).toEqual([...new Set(ids)]);
      for (const { metadata } of objects) {
        expect(metadata.namespace).toBe(name);
        expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/part-of': name, 'todoctl.io/platform': name, 'todoctl.io/environment': environment.name, 'todoctl.io/system': 'app' });
      }
    });
  });

  test('every service has its Deployment, Service, ServiceAccount and PodDisruptionBudget, and nobody else has', () => {
    forEvery((objects, platform) => {
      const names = platform.services.map(({ name }) => name).sort();
      for (const kind of ['Deployment', 'ServiceAccount', 'PodDisruptionBudget']) expect([...ofKind(objects, kind).keys()].sort(), kind).toEqual(names);
      expect([...ofKind(objects, 'Service').keys()].filter((name) => name !== `${platform.name}-nobody`).sort()).toEqual(names);
      for (const service of platform.services) {
        const { labels } = podsOf(platform, service);
        const { selector, template } = deployment(objects, service.name);
        expect(template.metadata.labels).toMatchObject(labels);
        expect(selector.matchLabels).toEqual(labels);
        expect(specOf<{ selector: object }>(ofKind(objects, 'Service').get(service.name)).selector).toEqual(labels);
        expect(specOf<{ selector: { matchLabels: object } }>(ofKind(objects, 'PodDisruptionBudget').get(service.name)).selector.matchLabels).toEqual(labels);
      }
    });
  });

  test('exactly one owner sets the number of replicas: the Deployment, a HorizontalPodAutoscaler or a ScaledObject', () => {
    forEvery((objects, { services }) => {
      const scalers = [...ofKind(objects, 'HorizontalPodAutoscaler').values(), ...ofKind(objects, 'ScaledObject').values()];
      for (const { name, scale, replicas } of services) {
        const own = scalers.filter((object) => specOf<{ scaleTargetRef: { name: string } }>(object).scaleTargetRef.name === name);
        expect(own.length, name).toBe(scale ? 1 : 0);
        expect(deployment(objects, name).replicas, name).toBe(scale ? undefined : replicas);
      }
      expect(scalers.length).toBe(services.filter(({ scale }) => scale).length);
    });
  });

  test('an autoscaler keeps the bounds and looks at the service’s own container', () => {
    forEvery((objects, { services }) => {
      for (const { name, scale } of services) {
        const hpa = ofKind(objects, 'HorizontalPodAutoscaler').get(name);
        const scaled = ofKind(objects, 'ScaledObject').get(name);
        if (hpa) {
          const spec = specOf<{ minReplicas: number; maxReplicas: number; metrics: { type: string; containerResource: { container: string } }[]; behavior: object }>(hpa);
          expect([spec.minReplicas, spec.maxReplicas]).toEqual([scale?.min, scale?.max]);
          expect(spec.metrics.length).toBeGreaterThan(0);
          for (const metric of spec.metrics) expect(metric).toMatchObject({ type: 'ContainerResource', containerResource: { container: 'app' } });
          expect(Object.keys(spec.behavior).sort()).toEqual(['scaleDown', 'scaleUp']);
        }
        if (scaled) {
          const spec = specOf<{ minReplicaCount: number; maxReplicaCount: number; triggers: { type: string; metadata: Record<string, unknown> }[] }>(scaled);
          expect([spec.minReplicaCount, spec.maxReplicaCount]).toEqual([scale?.min, scale?.max]);
          const kafka = spec.triggers.filter(({ type }) => type === 'kafka');
          for (const { metadata } of kafka) expect(metadata).toMatchObject({ consumerGroup: name, lagThreshold: String(scale?.lag), version: '4.0.0' });
          for (const { metadata } of spec.triggers) expect(Object.values(metadata).every((value) => typeof value === 'string')).toBe(true);
          const others = spec.triggers.filter(({ type }) => type !== 'kafka').map(({ type, metadata }) => [type, metadata['value']]);
          expect(Object.fromEntries(others)).toEqual({ ...(scale?.cpu ? { cpu: String(scale.cpu) } : {}), ...(scale?.memory ? { memory: String(scale.memory) } : {}) });
        }
      }
    });
  });

  test('every pod is one that Pod Security `restricted` lets in, writes nowhere but /tmp and has no token for the API', () => {
    forEvery((objects) => {
      const pods = [...ofKind(objects, 'Deployment').values()].map((object) => specOf<Deployment>(object).template.spec);
      const tests = [...ofKind(objects, 'Pod').values()].map((object) => specOf<PodSpec>(object));
      for (const pod of [...pods, ...tests]) {
        expect(pod.automountServiceAccountToken).toBe(false);
        expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
        for (const { securityContext, resources, volumeMounts } of pod.containers) {
          expect(securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
          expect(Object.keys(resources).sort()).toEqual(['limits', 'requests']);
          expect((volumeMounts ?? []).map(({ mountPath }) => mountPath).filter((mount) => mount !== '/tmp')).toEqual([]);
        }
      }
    });
  });

  test('a service gets the variables that it reads, secrets by reference alone', () => {
    forEvery((objects, platform) => {
      for (const { name, database, sidecar } of platform.services) {
        const [app] = deployment(objects, name).template.spec.containers;
        const variables = new Map(app?.env?.map((variable) => [variable.name, variable]));
        expect(variables.get('SERVICE')?.value).toBe(name);
        expect(variables.get('REPLICA')?.valueFrom?.fieldRef).toEqual({ fieldPath: 'metadata.name' });
        expect(variables.has('DATABASE_URL')).toBe(database);
        for (const variable of ['DAPR_HTTP_PORT', 'DAPR_API_TOKEN', 'APP_API_TOKEN']) expect(variables.has(variable), variable).toBe(sidecar);
        expect(variables.has('AUTH_KEY')).toBe(platform.environment.auth !== undefined && 'key' in platform.environment.auth);
        for (const variable of variables.values()) {
          if (/URL|TOKEN|KEY|PASSWORD|BROKERS/.test(variable.name)) expect(Object.keys(variable.valueFrom ?? {}), variable.name).toEqual(['secretKeyRef']);
        }
      }
    });
  });

  test('a sidecar where an arrow goes through Dapr, and nowhere else; all that is said of it is text', () => {
    forEvery((objects, { services }) => {
      for (const { name, sidecar } of services) {
        const { annotations } = deployment(objects, name).template.metadata;
        expect(annotations['dapr.io/enabled'], name).toBe(sidecar ? 'true' : undefined);
        if (sidecar) expect(annotations).toMatchObject({ 'dapr.io/app-id': name, 'dapr.io/app-port': '8080', 'dapr.io/api-token-secret': 'dapr-api-token', 'dapr.io/app-token-secret': 'app-api-token' });
        expect(Object.values(annotations).every((value) => typeof value === 'string')).toBe(true);
      }
    });
  });

  test('an entrance where a service is public: of the Gateway API, or an Ingress where that is asked for', () => {
    forEvery((objects, { name: platform, services, environment }) => {
      const routed = services.filter(({ route }) => route !== undefined);
      const open = routed.length > 0;
      const ingress = 'gateway' in environment.systems;
      expect(ofKind(objects, 'Gateway').size).toBe(open && !ingress ? 1 : 0);
      const others = [...(environment.host === undefined ? [] : [`${platform}-to-https`]), ...(routed.some(({ route }) => route === '/') ? [`${platform}-nobody`] : [])];
      expect([...ofKind(objects, 'HTTPRoute').keys()].sort()).toEqual(open && !ingress ? [...routed.map(({ name }) => name), ...others].sort() : []);
      expect(ofKind(objects, 'Ingress').size).toBe(open && ingress ? 1 : 0);
      expect(ofKind(objects, 'Certificate').size).toBe(open && environment.host !== undefined ? 1 : 0);
    });
  });
});

describe('a pod', () => {
  test('is replaced when a setting changes, and not by another release of the same', async () => {
    const hash = async (more: string): Promise<string | undefined> => {
      const objects = objectsOf(await platformIn('prod', cluster('  web: { route: / }', more)));
      return deployment(objects, 'web').template.metadata.annotations['todoctl.io/settings'];
    };
    expect(await hash('')).toBe(await hash(', region: nyc3'));
    expect(await hash('')).not.toBe(await hash(', app: { logLevel: debug }'));
  });

  test('comes before another goes, spread over the nodes, with time to end', async () => {
    const { strategy, template } = deployment(objectsOf(await platformIn('prod')), 'task-api');
    expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    expect(template.spec).toMatchObject({
      terminationGracePeriodSeconds: 35,
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' }],
      imagePullSecrets: [{ name: 'registry' }],
      serviceAccountName: 'task-api',
    });
    expect(template.spec.containers[0]).toMatchObject({
      image: 'registry.digitalocean.com/todo/todo:tag-of-task-api',
      lifecycle: { preStop: { sleep: { seconds: 5 } } },
      startupProbe: { httpGet: { path: '/livez', port: 'http' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
      livenessProbe: { httpGet: { path: '/livez', port: 'http' } },
    });
  });

  test('has a sidecar that needs no token for the API, outlives its service and fits into `restricted`', async () => {
    const { annotations } = deployment(objectsOf(await platformIn('prod')), 'audit').template.metadata;
    expect(annotations).toMatchObject({
      'dapr.io/config': 'todo',
      'dapr.io/env-from-secret': 'KAFKA_PASSWORD=kafka-audit:password',
      'dapr.io/disable-builtin-k8s-secret-store': 'true',
      'dapr.io/enable-native-sidecar': 'true',
      'dapr.io/graceful-shutdown-seconds': '5',
      'dapr.io/sidecar-seccomp-profile-type': 'RuntimeDefault',
      'dapr.io/sidecar-cpu-request': '50m',
      'dapr.io/sidecar-memory-limit': '256Mi',
      'dapr.io/log-as-json': 'true',
    });
  });

  test('of a service named as YAML’s words are is still named so', async () => {
    const objects = objectsOf(await platformIn('prod', cluster('  no: { route: /x }\n  y: { subscribes: [task-events], scale: { min: 1, max: 2, lag: 1000000 } }\n  on: { route: / }')));
    expect([...ofKind(objects, 'Deployment').keys()].sort()).toEqual(['no', 'on', 'y']);
    expect(specOf<{ triggers: object[] }>(ofKind(objects, 'ScaledObject').get('y')).triggers[0]).toMatchObject({ metadata: { consumerGroup: 'y', lagThreshold: '1000000' } });
  });
});

describe('KEDA signs in to Kafka', () => {
  const scaled = '  audit: { subscribes: [task-events], scale: { min: 1, max: 3, lag: 10 } }';
  const authentication = async (kafka: string): Promise<{ trigger: object; secrets: unknown; names: unknown }> => {
    const objects = objectsOf(await platformIn('prod', cluster(scaled, `, kafka: ${kafka}`)));
    const { metadata, authenticationRef } = specOf<{ triggers: { metadata: object; authenticationRef?: object }[] }>(ofKind(objects, 'ScaledObject').get('audit')).triggers[0] ?? { metadata: {} };
    const spec = specOf<{ secretTargetRef?: object; configMapTargetRef?: object } | undefined>(ofKind(objects, 'TriggerAuthentication').get('todo-kafka'));
    return { trigger: { ...metadata, authenticationRef }, secrets: spec?.secretTargetRef, names: spec?.configMapTargetRef };
  };

  test('as its own user of Strimzi', async () => {
    const { trigger, secrets, names } = await authentication('{ brokers: 3 }');
    expect(trigger).toMatchObject({ bootstrapServers: 'todo-kafka-bootstrap.todo.svc:9093', sasl: 'scram_sha512', tls: 'enable', authenticationRef: { name: 'todo-kafka' } });
    expect(names).toEqual([{ parameter: 'username', name: 'todo-kafka', key: 'username' }]);
    expect(secrets).toEqual([
      { parameter: 'ca', name: 'todo-cluster-ca-cert', key: 'ca.crt' },
      { parameter: 'password', name: 'kafka-keda', key: 'password' },
    ]);
  });

  test('at DigitalOcean, whose address is in a Secret', async () => {
    const { trigger } = await authentication('{ provider: digitalocean }');
    expect(trigger).toMatchObject({ bootstrapServersFromEnv: 'KAFKA_BROKERS', sasl: 'scram_sha256', tls: 'enable' });
    expect(trigger).not.toHaveProperty('bootstrapServers');
  });

  test('elsewhere, as the one user that there is', async () => {
    const { trigger, secrets, names } = await authentication('{ bootstrap: "kafka.example.com:9093", mechanism: plain }');
    expect(trigger).toMatchObject({ bootstrapServers: 'kafka.example.com:9093', sasl: 'plaintext', tls: 'enable' });
    expect(names).toBeUndefined();
    expect(secrets).toEqual([
      { parameter: 'password', name: 'kafka', key: 'password' },
      { parameter: 'username', name: 'kafka', key: 'username' },
    ]);
  });

  test('not at all where nobody asks', async () => {
    const { trigger, secrets } = await authentication('{ bootstrap: "kafka.example.com:9092" }');
    expect(trigger).toMatchObject({ sasl: 'none', tls: 'disable', authenticationRef: undefined });
    expect(secrets).toBeUndefined();
  });
});

describe('the entrance', () => {
  interface Rule {
    matches?: { path: { type: string; value: string } }[];
    timeouts?: { request: string };
    backendRefs?: { name: string; port: number }[];
    filters?: object[];
  }
  const rulesOf = (object: KubernetesObject | undefined): Rule[] => specOf<{ rules: Rule[] }>(object).rules;

  test('of production: HTTPS, a certificate, and HTTP leads there', async () => {
    const objects = objectsOf(await platformIn('prod'));
    const { listeners } = specOf<{ listeners: object[] }>(ofKind(objects, 'Gateway').get('todo'));
    expect(listeners).toMatchObject([
      { name: 'http', port: 80, hostname: 'todo.example.com' },
      { name: 'https', port: 443, hostname: 'todo.example.com', tls: { certificateRefs: [{ name: 'todo-tls' }] } },
    ]);
    expect(rulesOf(ofKind(objects, 'HTTPRoute').get('todo-to-https'))).toEqual([{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }] }]);
    expect(specOf<object>(ofKind(objects, 'Certificate').get('todo-tls'))).toMatchObject({ secretName: 'todo-tls', dnsNames: ['todo.example.com'], issuerRef: { kind: 'ClusterIssuer', name: 'todo-letsencrypt' } });
  });

  test('of staging, which has no name: HTTP alone', async () => {
    const objects = objectsOf(await platformIn('staging'));
    expect(specOf<object>(ofKind(objects, 'Gateway').get('todo'))).toEqual({ gatewayClassName: 'cilium', listeners: [{ name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'Same' } } }] });
    expect(specOf<object>(ofKind(objects, 'HTTPRoute').get('web'))).toMatchObject({ parentRefs: [{ name: 'todo', sectionName: 'http' }] });
  });

  test('sends each prefix to its service, sockets without an end, and what is private to nobody, as the local gateway does', async () => {
    const objects = objectsOf(await platformIn('prod'));
    const rules = [...ofKind(objects, 'HTTPRoute').values()].flatMap(rulesOf).filter(({ backendRefs }) => backendRefs);
    const shown = rules.map(({ matches = [], timeouts, backendRefs = [] }) => [matches.map(({ path: { value } }) => value).join(' '), backendRefs[0]?.name, timeouts?.request]);
    expect(shown).toEqual([
      ['/live', 'realtime', '0s'],
      ['/api', 'task-api', '60s'],
      ['/', 'web', '60s'],
      ['/metrics /livez /readyz /dapr /events /internal', 'todo-nobody', undefined],
    ]);
    for (const closed of rules.at(-1)?.matches ?? []) expect(privatePrefix(closed.path.value)).toBe(closed.path.value);
    expect(specOf<object>(ofKind(objects, 'Service').get('todo-nobody'))).not.toHaveProperty('selector');
  });

  test('a path that is private stays open to the service whose route it is; without / nothing need be closed', async () => {
    const closed = async (services: string): Promise<unknown> => (appValues(await platformIn('prod', cluster(services)), { web: 'x', a: 'x' }).gateway ?? {})['closed' as never];
    expect(await closed('  web: { route: / }\n  a: { route: /events }')).not.toContain('/events');
    expect(await closed('  a: { route: /api }')).toEqual([]);
  });

  test('as an Ingress', async () => {
    const platform = await platformIn('prod', cluster('  web: { route: / }', ', host: todo.example.com, gateway: { kind: ingress, class: traefik, annotations: { a/b: c } }'));
    const ingress = ofKind(objectsOf(platform), 'Ingress').get('todo');
    expect(ingress?.metadata.annotations).toEqual({ 'a/b': 'c' });
    const { ingressClassName, tls, rules } = specOf<{ ingressClassName: string; tls: object; rules: { host: string; http: { paths: { path: string; backend: { service: object } }[] } }[] }>(ingress);
    expect([ingressClassName, tls, rules[0]?.host]).toEqual(['traefik', [{ hosts: ['todo.example.com'], secretName: 'todo-tls' }], 'todo.example.com']);
    expect(rules[0]?.http.paths.find(({ path: at }) => at === '/')?.backend.service).toEqual({ name: 'web', port: { name: 'http' } });
    expect(rules[0]?.http.paths.find(({ path: at }) => at === '/metrics')?.backend.service).toEqual({ name: 'todo-nobody', port: { name: 'http' } });
  });
});

describe('the release', () => {
  test('helm test asks the health and the page, with the images of those services', async () => {
    const { containers } = specOf<PodSpec>(ofKind(objectsOf(await platformIn('prod')), 'Pod').get('todo-smoke'));
    expect(containers.map(({ image, command }) => [image.split(':').at(-1), (command as string[]).at(-1)])).toEqual([
      ['tag-of-task-api', 'http://task-api.todo.svc/api/health'],
      ['tag-of-web', 'http://web.todo.svc/'],
    ]);
  });

  test('has what was made elsewhere as it is', async () => {
    const object = { apiVersion: 'dapr.io/v1alpha1', kind: 'Component', metadata: { name: 'x', namespace: 'todo' }, spec: { '{{ not a template }}': '{{ .Values.platform }}', text: 'two\nlines\n', on: true, number: '1e3' } };
    expect(objectsOf(await platformIn('prod'), { objects: [object] })).toContainEqual(object);
  });

  test('tells Prometheus of services and sidecars', async () => {
    const objects = objectsOf(await platformIn('prod'));
    expect(specOf<object>(ofKind(objects, 'ServiceMonitor').get('todo'))).toMatchObject({ endpoints: [{ port: 'http', path: '/metrics', interval: '30s' }] });
    expect(specOf<object>(ofKind(objects, 'PodMonitor').get('todo-dapr'))).toMatchObject({ podMetricsEndpoints: [{ port: 'dapr-metrics' }] });
  });

  test('makes nothing of a chart without values but the settings', () => {
    expect(renderChart(chart, {}, { name: 'todo', namespace: 'todo' }).map(({ kind }) => kind)).toEqual(['ConfigMap']);
  });

  test('is refused where a service scales by lag and nothing says where Kafka is', async () => {
    const platform = await platformIn('prod', minimal('  prod: { provider: existing, context: mine, auth: { jwks: https://id.example.com/keys } }\n'));
    const values = appValues(platform, tagsOf(platform));
    const [service] = Object.values(values.services);
    const broken = { ...values, services: { x: { ...service, scale: { min: 1, max: 2, lag: { group: 'x', topics: ['t'], events: '1' } } } } };
    expect(() => renderChart(chart, broken, { name: 'todo', namespace: 'todo' })).toThrow(/how KEDA reaches Kafka is missing/);
  });
});
