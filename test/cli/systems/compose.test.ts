// The platform under Docker Compose: keys that Compose has, references that resolve, no sleeps, no passwords, nothing open to others.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { renderCompose } from '../../../cli/render/artefacts.ts';
import { openTemplates } from '../../../cli/render/templates.ts';
import { type ComposeFile, composeMistakes, readCompose, variablesOf } from '../../support/compose.ts';
import { Crds } from '../../support/crd.ts';
import { definitions, type Drawn } from '../../support/definitions.ts';
import { platformOf } from '../../support/drawn-platform.ts';
import { platformIn, renderedOf } from '../../support/rendered.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.resolve(root, '../shared/specs/crds');
if (!existsSync(folder)) process.stderr.write(`skipped: ${path.relative(root, folder)} is not there, so Compose's Dapr objects are not checked against Dapr's CRDs\n`);
const templates = openTemplates();

const textOf = (platform: Platform): string => renderCompose(platform, templates).find(({ path: file }) => file === 'compose/compose.yaml')?.text ?? '';
const composeOf = (platform: Platform): ComposeFile => readCompose(textOf(platform));
const forEvery = (check: (file: ComposeFile, platform: Platform, text: string) => void): void => {
  fc.assert(
    fc.property(definitions, (drawn) => {
      const platform = platformOf(drawn);
      const text = textOf(platform);
      check(readCompose(text), platform, text);
    }),
    { numRuns: 25 },
  );
};

interface DaprObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  spec: { type?: string; nameResolution?: object; features?: object[]; metadata?: { name: string; value?: string; secretKeyRef?: { name: string } }[] };
  scopes?: string[];
}
const daprOf = (platform: Platform): DaprObject[] => renderCompose(platform, templates).filter(({ path: file }) => file.startsWith('compose/dapr/')).map(({ text }) => parse(text) as DaprObject);
const component = (platform: Platform, name: string): DaprObject | undefined => daprOf(platform).find(({ kind, metadata }) => kind === 'Component' && metadata.name === name);

describe('of any definition', () => {
  test('Compose knows every key, every reference resolves, nothing waits in a circle, and of everything is known whether it is well', () => {
    forEvery((file) => expect(composeMistakes(file)).toEqual([]));
  });

  test('each service runs, with a sidecar where it has arrows, which shares its network', () => {
    forEvery(({ services }, platform) => {
      const own = ['kafka', 'kafka.topics', 'postgres', 'redis', 'gateway'];
      const wanted = platform.services.flatMap(({ name, sidecar }) => [name, ...(sidecar ? [`${name}.dapr`] : [])]);
      expect(Object.keys(services).filter((name) => !own.includes(name)).sort()).toEqual(wanted.sort());
      for (const { name, sidecar } of platform.services) if (sidecar) expect(services[`${name}.dapr`]?.network_mode).toBe(`service:${name}`);
    });
  });

  test('a service waits for the database where it has one, and its sidecar for the topics where events move', () => {
    forEvery(({ services }, platform) => {
      for (const { name, database, publishes, subscriptions, state } of platform.services) {
        expect('postgres' in (services[name]?.depends_on ?? {}), name).toBe(database);
        const sidecar = services[`${name}.dapr`]?.depends_on ?? {};
        expect('kafka.topics' in sidecar, name).toBe(publishes.length + subscriptions.length > 0);
        expect('redis' in sidecar, name).toBe(state);
      }
    });
  });

  test('every topic is made with its partitions and its retention, and with no other', () => {
    forEvery(({ services }, { topics }) => {
      const lines = (services['kafka.topics']?.command?.[2] ?? '').split('\n').filter(Boolean);
      const made = lines.map((line) => ['topic', 'partitions', 'config'].map((flag) => new RegExp(`--${flag} (\\S+)`).exec(line)?.[1]));
      expect(made).toEqual(topics.map(({ name, partitions, retentionMs }) => [name, String(partitions), `retention.ms=${retentionMs}`]));
    });
  });

  test('no password has a value, not even for want of another', () => {
    forEvery((_file, _platform, text) => {
      const secret = variablesOf(text).filter(({ name }) => /PASSWORD|TOKEN|KEY/.test(name));
      expect(secret.length).toBeGreaterThan(0);
      for (const { name, rest } of secret) expect(rest, name).toMatch(/^:\?/);
    });
  });

  test('the sidecars’ objects are for one machine, and find Kafka, Redis and each other there', () => {
    fc.assert(
      fc.property(definitions, (drawn) => {
        const objects = daprOf(platformOf(drawn));
        for (const { kind, metadata, spec } of objects) {
          expect(metadata.namespace).toBeUndefined();
          // Compose makes no container anew for a file that it mounts: sidecars reload what changes.
          if (kind === 'Configuration') expect([spec.nameResolution, spec.features]).toEqual([undefined, undefined]);
          if (spec.type === 'pubsub.kafka') expect(spec.metadata).toContainEqual({ name: 'brokers', value: 'kafka:9092' });
          if (spec.type?.startsWith('state.')) expect(spec.metadata).toContainEqual({ name: 'redisHost', value: 'redis:6379' });
        }
      }),
      { numRuns: 25 },
    );
  });
});

const SMALL: Drawn = {
  platform: 'todo',
  topics: { 'task-events': { key: 'task', partitions: 5 } },
  services: { 'task-api': { publishes: ['task-events'], subscribes: {}, listens: [], invokes: [], database: true, state: true } },
  environments: { local: { provider: 'local' } },
};

describe('of a small platform', () => {
  test('Kafka tells a client of this machine another address than one within', () => {
    const { kafka } = composeOf(platformOf(SMALL, { ports: { kafka: 29_092 } })).services;
    expect(kafka?.environment?.['KAFKA_ADVERTISED_LISTENERS']).toBe('INSIDE://kafka:9092,OUTSIDE://127.0.0.1:${KAFKA_PORT:-29092}');
    expect(kafka?.ports).toEqual(['127.0.0.1:${KAFKA_PORT:-29092}:9094']);
    expect(kafka?.environment?.['KAFKA_AUTO_CREATE_TOPICS_ENABLE']).toBe('false');
  });

  test('a service that has the name of what Compose brings along keeps it', () => {
    const names = ['postgres', 'redis', 'gateway'] as const;
    const services = Object.fromEntries(names.map((name) => [name, { ...SMALL.services['task-api'], publishes: ['task-events'] }])) as Drawn['services'];
    const file = composeOf(platformOf({ ...SMALL, services }));
    expect(composeMistakes(file)).toEqual([]);
    expect(names.map((name) => file.services[name]?.environment?.['SERVICE'])).toEqual([...names]);
    expect(file.services['postgres']?.environment?.['DATABASE_URL']).toContain('@postgres.compose:5432/');
    expect(file.services['postgres.compose']?.image).toBe('postgres:17.7');
  });

  test('the state store is Redis, whose password is the sidecar’s environment', () => {
    const platform = platformOf(SMALL);
    expect(component(platform, 'state')?.spec.metadata).toContainEqual({ name: 'redisPassword', secretKeyRef: { name: 'REDIS_PASSWORD', key: 'REDIS_PASSWORD' } });
    expect(component(platform, 'secrets')?.spec.type).toBe('secretstores.local.env');
    expect(composeOf(platform).services['task-api.dapr']?.environment).toHaveProperty('REDIS_PASSWORD');
  });

  test('daprd gets the ports that its service and the healthcheck use', () => {
    const { services } = composeOf(platformOf(SMALL));
    expect(services['task-api.dapr']?.command).toEqual(expect.arrayContaining(['--app-id=task-api', '--app-port=8080', '--dapr-http-port=3500', '--placement-host-address=', '--scheduler-host-address=']));
    expect(services['task-api']?.environment).toMatchObject({ PORT: '8080', DAPR_HTTP_PORT: '3500', AUTH_MODE: 'local' });
    expect(services['task-api']?.healthcheck?.test).toEqual(expect.arrayContaining(['http://127.0.0.1:8080/readyz', 'http://127.0.0.1:3500/v1.0/healthz']));
  });

  test.each([
    [{ jwks: 'https://id.example.com/$keys', issuer: 'i$', audience: 'a' }, { AUTH_MODE: 'jwt', AUTH_JWKS_URL: 'https://id.example.com/$$keys', AUTH_ISSUER: 'i$$', AUTH_AUDIENCE: 'a' }],
    [{ key: { env: 'KEY' }, issuer: 'i', audience: 'a' }, { AUTH_MODE: 'jwt', AUTH_KEY_FILE: '/run/secrets/auth-key', AUTH_ISSUER: 'i' }],
  ])('tokens are checked as %j says, and a dollar stays one', (auth, environment) => {
    const file = composeOf(platformOf(SMALL, { auth }));
    expect(file.services['task-api']?.environment).toMatchObject(environment);
    expect(file.services['task-api']?.secrets).toEqual('key' in auth ? ['auth-key'] : undefined);
    expect(composeMistakes(file)).toEqual([]);
  });

  test('a platform without a route has no entrance', () => {
    const file = composeOf(platformOf(SMALL));
    expect(file.services).not.toHaveProperty('gateway');
    expect(file.configs).toBeUndefined();
  });
});

describe('of this project', () => {
  test('the entrance has the routes of the definition and waits for whom it calls', async () => {
    const { services, configs } = composeOf(await platformIn('staging'));
    const config = JSON.parse(configs?.['gateway']?.content ?? '') as { host: string; port: number; routes: { prefix: string; upstreams: { host: string; port: number }[] }[] };
    expect(config.routes.map(({ prefix, upstreams: [first] }) => [prefix, first?.host, first?.port])).toEqual([['/api', 'task-api', 8080], ['/live', 'realtime', 8080], ['/', 'web', 8080]]);
    expect(services['gateway']?.ports).toEqual([`127.0.0.1:\${ENTRANCE_PORT:-8080}:${config.port}`]);
    expect(Object.keys(services['gateway']?.depends_on ?? {})).toEqual(['task-api', 'realtime', 'web']);
  });

  test.each(['local', 'staging', 'prod'])('%s is right', async (environment) => {
    const file = composeOf(await platformIn(environment));
    expect(composeMistakes(file)).toEqual([]);
    expect(file.name).toBe(`todo-${environment}`);
  });

  test('an environment in a cluster has the same files, which are not for the cluster', async () => {
    const platform = await platformIn('prod');
    const files = renderedOf(platform).filter(({ system }) => system === 'compose');
    expect(files.map(({ path: file, text, owner }) => ({ file, text, owner }))).toEqual(renderCompose(platform, templates).map(({ path: file, text }) => ({ file, text, owner: 'file' })));
  });

  test('the image holds what the services’ commands start', async () => {
    const dockerfile = readFileSync(path.join(root, 'services/Dockerfile'), 'utf8');
    const { services } = composeOf(await platformIn('local'));
    const ignored = readFileSync(path.join(root, 'services/Dockerfile.dockerignore'), 'utf8');
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
    expect(dockerfile.match(/^FROM (\S+)/gm)).toEqual(['FROM scratch', 'FROM ${BASE}']);
    expect(dockerfile).toContain('COPY dist /app/dist/');
    expect(ignored).toMatch(/^!dist\/services\n!dist\/processes$/m);
    expect(readFileSync(path.join(root, 'services/start.js'), 'utf8')).toContain('./dist/services/${service}/main.js');
    expect(services['gateway']?.command?.[1]).toBe('dist/processes/gateway.js');
  });

  test.skipIf(!existsSync(folder))('the sidecars’ objects are Dapr’s', async () => {
    const crds = new Crds();
    for (const name of ['components', 'configuration', 'resiliency', 'subscription']) crds.add(readFileSync(path.join(folder, `dapr-${name}.yaml`), 'utf8'));
    for (const object of daprOf(await platformIn('prod'))) expect(crds.mistakes(object), object.metadata.name).toEqual([]);
  });
});

describe('the check itself', () => {
  const well = { image: 'a', healthcheck: { test: ['CMD', 'a'] } };
  test.each<[object, string[]]>([
    [{ services: { a: well } }, []],
    [{ services: { a: { ...well, depend_on: {} } } }, ['services.a.depend_on is unknown']],
    [{ services: { a: { image: 'a' } } }, ['services.a has no healthcheck and does not end']],
    [{ services: { a: { ...well, depends_on: { b: { condition: 'service_started' } } } } }, ['services.a has no service b']],
    [{ services: { a: { ...well, volumes: ['data:/data'] } } }, ['services.a has no volume data']],
    [{ services: { a: { ...well, configs: [{ source: 'c', target: '/c' }] } } }, ['services.a has no config c']],
    [{ services: { a: { ...well, secrets: ['s'] } } }, ['services.a has no secret s']],
    [{ services: { a: { ...well, ports: ['80:80'] } } }, ['services.a opens 80:80 to everyone']],
    [{ services: { a: { ...well, depends_on: { a: { condition: 'service_healthy' } } } } }, ['services wait for each other: a → a']],
    [{ services: { a: { ...well, depends_on: { b: { condition: 'service_completed_successfully' } } }, b: well } }, ['services.a waits for the end of b, which begins again']],
    [{ services: { a: { ...well, depends_on: { b: { condition: 'service_healthy' } } }, b: { image: 'b', restart: 'no' } } }, ['services.a waits for the health of b, which has none']],
  ])('%j', (file, mistakes) => {
    expect(composeMistakes(file as ComposeFile)).toEqual(mistakes);
  });
});
