// The systems around the services: what each environment gets of them, who may call whom, and what their pods ask of the nodes.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { openTemplates } from '../../../cli/render/templates.ts';
import { SYSTEMS } from '../../../cli/systems/all.ts';
import { issuerOf } from '../../../cli/systems/certificates.ts';
import { systemsOf } from '../../../cli/systems/environment.ts';
import { labelsOf, namespaceOf } from '../../../cli/systems/names.ts';
import type { Chart, Parts } from '../../../cli/systems/system.ts';
import { platformIn, tagsOf } from '../../support/rendered.ts';

const templates = openTemplates();
const partsOf = (platform: Platform, id: string): Parts | undefined => SYSTEMS.find((system) => system.id === id)?.parts(platform, tagsOf(platform));
const chartsOf = (platform: Platform, id: string): readonly Chart[] => partsOf(platform, id)?.charts ?? [];
/** The values of a chart as Helm would read them. */
const valuesOf = ({ values: { template, view } }: Chart): Record<string, unknown> => parse(templates.fill(template, view)) as Record<string, unknown>;
const cluster = (services: string, more = ''): Promise<Platform> =>
  platformIn('prod', `platform: todo\ntopics:\n  task-events: { key: task }\nservices:\n${services}\nenvironments:\n  prod: { provider: existing, context: mine, auth: { jwks: https://id.example.com/keys }${more} }\n`);

describe('the services', () => {
  test('are one release, with the values of this environment', async () => {
    const own = partsOf(await platformIn('prod'), 'app')?.own;
    expect(own).toMatchObject({ release: 'todo', chart: 'todo', values: { platform: 'todo', environment: 'prod' } });
    const filled = parse(templates.fill(own?.template ?? '', { values: own?.values })) as object;
    expect(filled).toEqual(own?.values);
  });

  test('come after all that they need', async () => {
    const order = systemsOf(await platformIn('prod'), SYSTEMS, tagsOf(await platformIn('prod'))).map(({ id }) => id);
    for (const before of ['dapr', 'certificates', 'gateway', 'autoscaling', 'keda', 'monitoring']) expect(order.indexOf(before), before).toBeLessThan(order.indexOf('app'));
  });

  test('ask the nodes for themselves and for their sidecars, from the fewest replicas to the most', async () => {
    const pods = partsOf(await cluster('  web: { route: /, resources: { cpu: 10, memory: 32MiB } }\n  audit: { subscribes: [task-events], scale: { min: 2, max: 5 } }'), 'app')?.ownPods;
    expect(pods).toEqual([
      { name: 'web', replicas: 1, cpu: 10, memory: 32 },
      { name: 'audit', replicas: 2, most: 5, cpu: 150, memory: 288 },
    ]);
  });

  test('an environment says what is different about their pods', async () => {
    const platform = await cluster('  web: { route: /, resources: { cpu: 10, memory: 32MiB } }', ', services: { web: { resources: { memory: 64MiB, memoryLimit: 1GiB } } }');
    expect(platform.services[0]?.resources).toEqual({ cpu: 10, memory: 64, cpuLimit: 100, memoryLimit: 1024 });
  });

  test('may be asked by helm test, through the same door as everybody', async () => {
    expect(partsOf(await platformIn('prod'), 'app')?.calls).toEqual([{ from: { namespace: 'todo', labels: { 'app.kubernetes.io/name': 'todo-smoke' } }, to: ['entrance'] }]);
  });
});

describe('autoscaling', () => {
  test('needs what measures pods, where anything scales', async () => {
    expect(chartsOf(await platformIn('staging'), 'autoscaling').map(({ chart }) => chart)).toEqual(['metrics-server']);
    expect(partsOf(await cluster('  web: { route: / }'), 'autoscaling')).toBeUndefined();
    const [chart] = chartsOf(await platformIn('prod'), 'autoscaling');
    expect(chart && valuesOf(chart)).toMatchObject({ image: { tag: 'v0.9.0' }, args: ['--kubelet-insecure-tls'] });
  });

  test.each([
    ['provider: existing, context: c', true],
    ['provider: existing, context: c, autoscaling: { metricsServer: false }', false],
    ['provider: azure, region: westeurope, nodes: { size: s, count: 2 }', false],
    ['provider: google, region: europe-west1, nodes: { size: s, count: 2 }', false],
    ['provider: google, region: europe-west1, nodes: { size: s, count: 2 }, autoscaling: { metricsServer: true }', true],
    ['provider: oracle, region: eu-frankfurt-1, nodes: { size: s, count: 2 }', true],
  ])('brings metrics-server but where clusters have it: %s', async (environment, brought) => {
    const definition = `platform: todo\ntopics: {}\nservices: { a: { scale: { min: 1, max: 2, cpu: 50 } } }\nenvironments: { prod: { ${environment} } }\n`;
    expect(chartsOf(await platformIn('prod', definition), 'autoscaling').length > 0).toBe(brought);
  });

  test('brings KEDA only where a service is behind in something that its replicas share', async () => {
    const has = async (service: string): Promise<boolean> => partsOf(await cluster(`  a: { ${service} }`), 'keda') !== undefined;
    expect(await has('subscribes: [task-events], scale: { min: 1, max: 2, lag: 5 }')).toBe(true);
    expect(await has('subscribes: [task-events], scale: { min: 1, max: 2, cpu: 5 }')).toBe(false);
    expect(await has('listens: [task-events], scale: { min: 1, max: 2, lag: 5 }')).toBe(false);
    expect(await has('subscribes: [task-events]')).toBe(false);
  });

  test('KEDA may ask Kafka', async () => {
    expect(partsOf(await platformIn('prod'), 'keda')?.calls).toEqual([{ from: { namespace: 'keda', labels: { app: 'keda-operator' } }, to: ['kafka'] }]);
  });
});

describe('certificates', () => {
  test('only for a host, and not where somebody else issues them', async () => {
    expect(chartsOf(await platformIn('prod'), 'certificates').map(({ chart, version }) => `${chart} ${version}`)).toEqual(['cert-manager v1.21.1']);
    expect(partsOf(await platformIn('staging'), 'certificates')).toBeUndefined();
    const given = await cluster('  web: { route: / }', ', host: todo.example.com, certificates: { issuer: house }');
    expect(partsOf(given, 'certificates')).toBeUndefined();
    expect(issuerOf(given)).toBe('house');
    expect(issuerOf(await platformIn('staging'))).toBeUndefined();
  });

  const issuer = async (more: string): Promise<unknown> => {
    const platform = await cluster('  web: { route: / }', `, host: todo.example.com${more}`);
    const [artefact] = partsOf(platform, 'certificates')?.artefacts ?? [];
    expect(artefact?.owner, 'it must outlive the release').toBe('applied');
    return parse(templates.fill(artefact?.template ?? '', { namespace: namespaceOf(platform), labels: labelsOf(platform, 'certificates'), ...artefact?.view }));
  };

  test('are Let’s Encrypt’s, who asks by HTTP through the gateway', async () => {
    expect(await issuer(', certificates: { email: ops@example.com }')).toMatchObject({
      kind: 'ClusterIssuer',
      metadata: { name: 'todo-letsencrypt' },
      spec: {
        acme: {
          server: 'https://acme-v02.api.letsencrypt.org/directory',
          email: 'ops@example.com',
          solvers: [{ http01: { gatewayHTTPRoute: { parentRefs: [{ kind: 'Gateway', name: 'todo', namespace: 'todo', sectionName: 'http' }] } } }],
        },
      },
    });
  });

  test('or through the Ingress, without an address', async () => {
    const made = await issuer(', gateway: { kind: ingress, class: traefik }');
    expect(made).toMatchObject({ spec: { acme: { solvers: [{ http01: { ingress: { ingressClassName: 'traefik' } } }] } } });
    expect((made as { spec: { acme: object } }).spec.acme).not.toHaveProperty('email');
  });

  test('cert-manager looks at gateways only where there is one, and keeps what it issued', async () => {
    const values = async (more: string): Promise<unknown> => {
      const [chart] = chartsOf(await cluster('  web: { route: / }', `, host: todo.example.com${more}`), 'certificates');
      return chart && valuesOf(chart);
    };
    expect(await values('')).toMatchObject({ crds: { enabled: true, keep: true }, config: { gatewayAPI: { enabled: true } } });
    expect(await values(', gateway: { kind: ingress, class: traefik }')).not.toHaveProperty('config');
  });

  test('the issuer comes when the webhook that looks at it answers', async () => {
    const [chart] = chartsOf(await platformIn('prod'), 'certificates');
    expect(chart && valuesOf(chart)).toMatchObject({ startupapicheck: { enabled: true } });
  });

  test('whoever answers the question may be asked by anyone', async () => {
    const parts = partsOf(await platformIn('prod'), 'certificates');
    expect(parts?.serves).toEqual([{ id: 'acme-solver', pods: { namespace: 'todo', labels: { 'acme.cert-manager.io/http01-solver': 'true' } }, ports: [{ port: 8089 }] }]);
    expect(parts?.calls).toEqual([{ from: 'anyone', to: ['acme-solver'] }]);
  });
});

describe('other people’s charts', () => {
  test('ask for what is counted for them, and each has a limit of memory', async () => {
    const platform = await platformIn('prod');
    for (const chart of ['certificates', 'autoscaling', 'keda'].flatMap((id) => chartsOf(platform, id))) {
      const asked = [...requests(valuesOf(chart))];
      expect(asked.length, chart.chart).toBe(chart.pods.length);
      const sum = (key: 'cpu' | 'memory'): number => asked.reduce((all, one) => all + Number.parseInt(one[key], 10), 0);
      expect(sum('cpu'), chart.chart).toBe(chart.pods.reduce((all, { cpu }) => all + cpu, 0));
      expect(sum('memory'), chart.chart).toBe(chart.pods.reduce((all, { memory }) => all + memory, 0));
    }
  });
});

/** All requests in a values file, wherever they stand; each beside limits. */
function* requests(value: unknown): Generator<{ cpu: string; memory: string }> {
  if (typeof value !== 'object' || value === null) return;
  if ('requests' in value) {
    expect(value).toHaveProperty('limits.memory');
    yield value.requests as { cpu: string; memory: string };
    return;
  }
  for (const inner of Object.values(value)) yield* requests(inner);
}
