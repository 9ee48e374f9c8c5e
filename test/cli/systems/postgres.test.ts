// Who runs PostgreSQL for an environment, and what the cluster has of it.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { footprintsOf } from '../../../cli/targets/cluster/capacity/pods.ts';
import { openTemplates } from '../../../cli/render/templates.ts';
import { systemsOf } from '../../../cli/systems/environment.ts';
import { directPostgresSecret, pooledConnections, SECRETS } from '../../../cli/systems/names.ts';
import { addressInCluster, postgres } from '../../../cli/systems/postgres.ts';
import { coreMistakes } from '../../support/core-kinds.ts';
import { type KubernetesObject, platformIn } from '../../support/rendered.ts';

const templates = openTemplates();
const cluster = (more = '', service = '{ database: true }'): Promise<Platform> =>
  platformIn('prod', `platform: todo\ntopics: {}\nservices: { audit: ${service} }\nenvironments: { prod: { provider: existing, context: c${more} } }\n`);
const objectsOf = (platform: Platform): KubernetesObject[] =>
  (postgres.parts(platform, {})?.artefacts ?? []).map(({ template, view }) => parse(templates.fill(template, { namespace: 'todo', labels: { 'todoctl.io/platform': 'todo' }, ...view })) as KubernetesObject);
const named = (objects: readonly KubernetesObject[], kind: string): KubernetesObject | undefined => objects.find((object) => object.kind === kind);
const PODS = { 'app.kubernetes.io/part-of': 'todo', 'app.kubernetes.io/name': 'postgres' };

describe('in the cluster, which is so unless the definition says otherwise', () => {
  test('one StatefulSet of our own and its Service, which outlive releases of the app', async () => {
    const platform = await cluster();
    expect(postgres.parts(platform, {})?.artefacts?.map(({ owner, file }) => `${owner} ${file}`)).toEqual(['applied service.yaml', 'applied stateful-set.yaml']);
    const objects = objectsOf(platform);
    expect(named(objects, 'Service')).toMatchObject({ metadata: { name: 'postgres', namespace: 'todo' }, spec: { selector: PODS, ports: [{ port: 5432 }] } });
    expect(named(objects, 'StatefulSet')).toMatchObject({
      metadata: { name: 'postgres', namespace: 'todo' },
      spec: { serviceName: 'postgres', replicas: 1, selector: { matchLabels: PODS }, template: { metadata: { labels: PODS } } },
    });
    expect(objects.flatMap(coreMistakes)).toEqual([]);
  });

  test('its pod is what the Pod Security Standard restricted takes, and its root file system is closed', async () => {
    const { spec } = podOf(await cluster());
    expect(spec).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } } });
    expect(spec.containers).toHaveLength(1);
    expect(spec.containers[0]).toMatchObject({ image: 'postgres:18.4', securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } } });
  });

  test('it is ready when it takes connections, and is never killed while it replays its log', async () => {
    const { containers: [container] } = podOf(await cluster()).spec;
    expect(container).toMatchObject({ readinessProbe: { exec: { command: ['pg_isready', '--host=127.0.0.1', '--username=todo_user', '--dbname=todoapp'] } } });
    expect(container).not.toHaveProperty('livenessProbe');
  });

  test('its password comes as a file of the Secret that deploy makes', async () => {
    const { spec: { volumes, containers: [container] } } = podOf(await cluster());
    expect(volumes).toContainEqual({ name: 'password', secret: { secretName: 'postgres', defaultMode: 0o440, items: [{ key: 'password', path: 'password' }] } });
    expect(container?.volumeMounts).toContainEqual({ name: 'password', mountPath: '/secrets', readOnly: true });
    expect(container?.env).toContainEqual({ name: 'PASSWORD_FILE', value: '/secrets/password' });
    expect([SECRETS.database, SECRETS.databasePassword]).toEqual([{ name: 'postgres', key: 'uri' }, { name: 'postgres', key: 'password' }]);
  });

  test('its address, with a password of any characters', async () => {
    const address = new URL(addressInCluster(await cluster(), 'a/b@c:d%'));
    expect([address.hostname, address.port, address.pathname, address.username, decodeURIComponent(address.password)]).toEqual(['postgres.todo.svc', '5432', '/todoapp', 'todo_user', 'a/b@c:d%']);
  });

  test.each([
    ['', '10Gi', '100', 10],
    [', postgres: { storage: 1500MiB, connections: 300 }', '2Gi', '300', 2],
    [', protected: true', '10Gi', '100', 10],
  ])('one instance, whoever relies on it, with the disk and the connections that were asked for: %s', async (more, storage, connections, gibibytes) => {
    const platform = await cluster(more);
    const set = named(objectsOf(platform), 'StatefulSet');
    expect(set?.spec).toMatchObject({ replicas: 1, volumeClaimTemplates: [{ spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } }] });
    expect(podOf(platform).spec.containers[0]?.env).toContainEqual({ name: 'CONNECTIONS', value: connections });
    expect(postgres.parts(platform, {})?.ownPods).toEqual([{ name: 'postgres', replicas: 1, cpu: 250, memory: 512, volumes: [gibibytes] }]);
  });

  test('what it asks for is counted once', async () => {
    const platform = await cluster();
    const counted = footprintsOf(objectsOf(platform), systemsOf(platform, [postgres], {}));
    expect(counted).toEqual(postgres.parts(platform, {})?.ownPods);
  });

  test.each([
    ['digitalocean, region: nyc3, nodes: { size: s-4vcpu-8gb, count: 3 }, protected: true', 'do-block-storage-retain'],
    ['digitalocean, region: nyc3, nodes: { size: s-4vcpu-8gb, count: 3 }', 'do-block-storage'],
    ['existing, context: c, protected: true', undefined],
  ])('its disk outlives its claim where people rely on it: %s', async (provider, storageClassName) => {
    const platform = await platformIn('prod', `platform: todo\ntopics: {}\nservices: { audit: { database: true } }\nenvironments: { prod: { provider: ${provider} } }\n`);
    const { volumeClaimTemplates: [claim] } = named(objectsOf(platform), 'StatefulSet')?.spec as { volumeClaimTemplates: { spec: { storageClassName?: string } }[] };
    expect(claim?.spec.storageClassName).toBe(storageClassName);
  });

  test('Argo CD, where it delivers, never takes it away', async () => {
    const annotationsOf = (platform: Platform): unknown => named(objectsOf(platform), 'StatefulSet')?.metadata.annotations;
    expect(annotationsOf(await cluster())).toBeUndefined();
    expect(annotationsOf(await cluster(', delivery: { argocd: { repository: "https://github.com/example/todo.git" } }'))).toEqual({ 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' });
  });

  test('it can be called, and calls nobody', async () => {
    const { serves, calls } = postgres.parts(await cluster(), {}) ?? {};
    expect(serves).toEqual([{ id: 'postgres', pods: { namespace: 'todo', labels: PODS }, ports: [{ port: 5432 }] }]);
    expect(calls).toBeUndefined();
  });
});

interface PodTemplate {
  spec: { automountServiceAccountToken?: boolean; volumes: object[]; containers: { env: object[]; volumeMounts: object[] }[] };
}

function podOf(platform: Platform): PodTemplate {
  return (named(objectsOf(platform), 'StatefulSet')?.spec as { template: PodTemplate }).template;
}

describe('somebody else’s', () => {
  test.each([
    ['any, at the usual port', ', postgres: { provider: external }', [5432]],
    ['any, at a port of its own', ', postgres: { provider: external, port: 6432 }', [6432]],
    ['any, by its address', ', postgres: { url: { env: DATABASE_URL } }', [5432]],
  ])('%s: nothing in the cluster, and its ports may be called', async (_, more, ports) => {
    const platform = await cluster(more);
    expect(postgres.parts(platform, {})).toEqual({ serves: [{ id: 'postgres', pods: 'outside', ports: ports.map((port) => ({ port })) }] });
  });
});

describe('DigitalOcean’s', () => {
  const managed = (more = ''): Promise<Platform> => cluster(`, postgres: { provider: digitalocean, size: db-s-1vcpu-1gb${more} }`);

  test('nothing in the cluster but a job that lets the services make schemas, which outlives releases of the app', async () => {
    const platform = await managed();
    const [job, ...others] = objectsOf(platform);
    expect(others).toEqual([]);
    expect(job).toMatchObject({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: expect.stringMatching(/^postgres-rights-[0-9a-f]{8}$/) as string, namespace: 'todo' } });
    expect(coreMistakes(job as KubernetesObject)).toEqual([]);
    expect(postgres.parts(platform, {})?.ownPods).toEqual(footprintsOf([job as KubernetesObject], []));
  });

  test('it is restricted, has no secret in its command, and asks for TLS', async () => {
    const { spec } = (objectsOf(await managed())[0]?.spec as { template: PodTemplate }).template;
    expect(spec).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } });
    expect(spec.containers).toMatchObject([{
      image: 'postgres:18.4',
      command: ['psql', '--no-psqlrc', '--set=ON_ERROR_STOP=1', '--command=GRANT CREATE ON DATABASE "todoapp" TO "todo_user"', '--command=GRANT CREATE ON SCHEMA public TO "todo_user"'],
      envFrom: [{ secretRef: { name: 'postgres-admin' } }],
      env: [{ name: 'PGDATABASE', value: 'todoapp' }, { name: 'PGSSLMODE', value: 'require' }, { name: 'PGCONNECT_TIMEOUT', value: '10' }],
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    }]);
  });

  test('its name is that of what it does: the same for the same, whatever else the definition says', async () => {
    const names = await Promise.all([managed(), managed(), managed(', pooled: 20')].map(async (platform) => objectsOf(await platform)[0]?.metadata.name));
    expect(new Set(names).size).toBe(1);
  });

  test.each([['', 'postgres', [25_060]], [', pooled: 20', 'postgres-direct', [25_061, 25_060]]])('it calls the database past the pooler%s', async (more, to, ports) => {
    const { calls, serves } = postgres.parts(await managed(more), {}) ?? {};
    expect(calls).toEqual([{ from: { namespace: 'todo', labels: { ...PODS, 'app.kubernetes.io/name': 'postgres-rights' } }, to: [to] }]);
    expect(serves?.flatMap(({ ports: served }) => served.map(({ port }) => port))).toEqual(ports);
  });
});

describe('behind a pooler', () => {
  test.each([
    ['DigitalOcean’s', 'provider: digitalocean, pooled: 20', 25_061, 25_060],
    ['at a port of its own', 'provider: external, port: 6432, pooled: 20', 6432, 5432],
    ['by its address', 'url: { env: DATABASE_URL }, pooled: 20', 5432, 5432],
  ])('%s: services may call the pooler, and what must may call the database', async (_, given, port, direct) => {
    const platform = await cluster(`, postgres: { ${given} }`);
    expect(postgres.parts(platform, {})?.serves).toEqual([{ id: 'postgres', pods: 'outside', ports: [{ port }] }, { id: 'postgres-direct', pods: 'outside', ports: [{ port: direct }] }]);
    expect(directPostgresSecret(platform)).toEqual({ name: 'postgres', key: 'direct-uri' });
    expect(pooledConnections(platform)).toBe(20);
  });

  test('a laptop has none, whatever is said', async () => {
    const platform = await platformIn('local', 'platform: todo\ntopics: {}\nservices: { audit: { database: true } }\nenvironments: { local: { provider: local, postgres: { pooled: 20 } } }\n');
    expect([pooledConnections(platform), directPostgresSecret(platform)]).toEqual([undefined, { name: 'postgres', key: 'uri' }]);
  });

  test('without one, both ways are one', async () => {
    const platform = await cluster();
    expect(directPostgresSecret(platform)).toEqual({ name: 'postgres', key: 'uri' });
  });
});

test('there is none where no service keeps anything; state counts', async () => {
  expect(postgres.parts(await cluster('', '{}'), {})).toBeUndefined();
  expect(postgres.parts(await cluster('', '{ state: true }'), {})?.artefacts).toHaveLength(2);
});
