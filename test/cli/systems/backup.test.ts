// Backups: Velero's objects and the job that dumps the database, where an environment asks for them.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Rendered } from '../../../cli/render/rendered.ts';
import { backup, BACKUP_SECRETS } from '../../../cli/systems/backup.ts';
import { coreMistakes } from '../../support/core-kinds.ts';
import { Crds } from '../../support/crd.ts';
import { refusal } from '../../support/definition.ts';
import { type KubernetesObject, objectsIn, platformIn, renderedOf } from '../../support/rendered.ts';

const crds = path.resolve(import.meta.dirname, '../../../../shared/specs/crds');
if (!existsSync(crds)) process.stderr.write('skipped: ../shared/specs/crds is not there, so backups are not checked against Velero’s CRDs\n');

function definition(settings: string, database = true): string {
  return `platform: todo
topics: {}
services:
  task-api: { database: ${database} }
environments:
  prod:
    provider: digitalocean
    region: fra1
    nodes: { size: s-4vcpu-8gb, count: 3 }
${settings}`;
}
const filesOf = async (settings: string, database = true): Promise<Rendered[]> => renderedOf(await platformIn('prod', definition(settings, database))).filter(({ system }) => system === 'backup');
const objectsOf = async (settings: string, database = true): Promise<KubernetesObject[]> => objectsIn(await filesOf(settings, database));
const named = (objects: readonly KubernetesObject[], name: string): KubernetesObject => objects.find(({ metadata }) => metadata.name === name) ?? { apiVersion: '', kind: '', metadata: { name: '' } };

const SET = '    backup: { bucket: todo-backups }';

interface Container {
  name: string;
  image: string;
  command: string[];
  env: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
  securityContext: object;
}
interface Dump {
  schedule: string;
  jobTemplate: { spec: { template: { metadata: { labels: Record<string, string> }; spec: { initContainers: Container[]; containers: Container[]; securityContext: object } } } };
}
const dumpOf = async (settings: string): Promise<Dump> => named(await objectsOf(settings), 'postgres-dump')['spec'] as Dump;
const podOf = ({ jobTemplate }: Dump): Dump['jobTemplate']['spec']['template'] => jobTemplate.spec.template;
const containersOf = (dump: Dump): Container[] => [...podOf(dump).spec.initContainers, ...podOf(dump).spec.containers];

describe('an environment without backups', () => {
  test('has nothing of them', async () => {
    expect(await filesOf('')).toEqual([]);
  });
});

describe('Velero', () => {
  test('keeps backups in the bucket, each environment in a folder of its own', async () => {
    const location = named(await objectsOf(SET), 'default');
    expect(location).toMatchObject({
      apiVersion: 'velero.io/v1',
      kind: 'BackupStorageLocation',
      metadata: { namespace: 'velero' },
      spec: {
        objectStorage: { bucket: 'todo-backups', prefix: 'todo/prod/velero' },
        credential: { name: 'velero', key: 'cloud' },
        // Of the two lines without which Spaces refuses every upload.
        config: { s3Url: 'https://fra1.digitaloceanspaces.com', s3ForcePathStyle: 'true', checksumAlgorithm: '' },
      },
    });
  });

  test('backs up the app’s namespace each day and each week, as long as it is told', async () => {
    const objects = await objectsOf('    backup: { bucket: todo-backups, region: ams3, schedule: 30 1 * * *, keep: 90m, keepWeekly: 30d }');
    expect(named(objects, 'todo-daily')['spec']).toMatchObject({ schedule: '30 1 * * *', template: { includedNamespaces: ['todo'], ttl: '2h0m0s', storageLocation: 'default' } });
    expect(named(objects, 'todo-weekly')['spec']).toMatchObject({ schedule: '0 3 * * 0', template: { ttl: '720h0m0s' } });
    expect(named(objects, 'default')['spec']).toMatchObject({ config: { s3Url: 'https://ams3.digitaloceanspaces.com' } });
  });

  test('copies no volume: a running Kafka’s would be worth nothing', async () => {
    expect(named(await objectsOf(SET), 'todo-daily')['spec']).toMatchObject({ template: { snapshotVolumes: false, defaultVolumesToFsBackup: false } });
  });

  test('has a plugin that Spaces understands, and makes no locations of its own', async () => {
    const values = parse((await filesOf(SET)).find(({ path: file }) => file.endsWith('velero.values.yaml'))?.text ?? '') as { initContainers: Container[]; [key: string]: unknown };
    expect(values.initContainers[0]?.image).toMatch(/^velero\/velero-plugin-for-aws:v1\.(?:13\.\d+|14\.(?:[3-9]|\d\d+))$/);
    expect(values).toMatchObject({ backupsEnabled: false, snapshotsEnabled: false, configuration: { backupStorageLocation: [], volumeSnapshotLocation: [] }, credentials: { useSecret: false } });
  });
});

describe('the dump of the database', () => {
  test('is made before it is sent, and what it replaces goes last', async () => {
    const dump = await dumpOf(SET);
    expect(podOf(dump).spec.initContainers.map(({ name }) => name)).toEqual(['dump']);
    expect(podOf(dump).spec.containers.map(({ name }) => name)).toEqual(['upload']);
    expect(podOf(dump).spec.containers[0]?.command[2]).toMatch(/^rclone copy .* && rclone delete /);
  });

  test('has the connection string and the keys of the bucket by reference only', async () => {
    const secrets = containersOf(await dumpOf(SET)).flatMap(({ env }) => env.flatMap(({ name, valueFrom }) => (valueFrom ? [[name, valueFrom.secretKeyRef.name, valueFrom.secretKeyRef.key]] : [])));
    expect(secrets).toEqual([
      ['DATABASE_URL', 'postgres', 'uri'],
      ['RCLONE_CONFIG_SPACES_ACCESS_KEY_ID', BACKUP_SECRETS.accessKey.name, BACKUP_SECRETS.accessKey.key],
      ['RCLONE_CONFIG_SPACES_SECRET_ACCESS_KEY', BACKUP_SECRETS.secretKey.name, BACKUP_SECRETS.secretKey.key],
    ]);
  });

  test('reads a managed database by the Secret that is made for it', async () => {
    const [dump] = containersOf(await dumpOf(`${SET}\n    postgres: { provider: digitalocean }`));
    expect(dump?.env[0]).toEqual({ name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'postgres', key: 'uri' } } });
  });

  test('goes past a pooler, whose sessions are other people’s', async () => {
    const settings = `${SET}\n    postgres: { provider: digitalocean, pooled: 20 }`;
    expect(containersOf(await dumpOf(settings))[0]?.env[0]?.valueFrom?.secretKeyRef).toEqual({ name: 'postgres', key: 'direct-uri' });
    const rules = named(objectsIn(renderedOf(await platformIn('prod', definition(settings)))), 'backup-postgres-dump')['spec'] as { egress: { ports: { port: number }[] }[] };
    expect(rules.egress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([443, 25_060]);
  });

  test('goes to a folder of its own, for Velero refuses to work where anything else lies, and is kept as long as the daily backup', async () => {
    const env = Object.fromEntries((containersOf(await dumpOf('    backup: { bucket: todo-backups, keep: 3d }'))[1]?.env ?? []).map(({ name, value }) => [name, value]));
    expect(env).toMatchObject({ PLACE: 'todo-backups/todo/prod/postgres', KEEP: '72h', RCLONE_CONFIG_SPACES_ENDPOINT: 'https://fra1.digitaloceanspaces.com' });
  });

  test('puts nothing of the definition into a shell', async () => {
    const commands = async (settings: string): Promise<string[][]> => containersOf(await dumpOf(settings)).map(({ command }) => command);
    expect(await commands('    backup: { bucket: other-bucket, region: ams3, keep: 1d }')).toEqual(await commands(SET));
  });

  test('may do what a restricted namespace lets it', async () => {
    const dump = await dumpOf(SET);
    expect(podOf(dump).spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    for (const { name, securityContext } of containersOf(dump)) expect(securityContext, name).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
  });

  test('is not there where no service has a database', async () => {
    expect((await objectsOf(SET, false)).map(({ kind }) => kind)).toEqual(['BackupStorageLocation', 'Schedule', 'Schedule']);
  });

  test('may call the database and the bucket, and its pods are those that may', async () => {
    const platform = await platformIn('prod', definition(SET));
    expect(backup.parts(platform, {})?.calls).toEqual([{ from: { namespace: 'todo', labels: podOf(await dumpOf(SET)).metadata.labels }, to: ['postgres', 'spaces'] }]);
  });
});

describe('its objects', () => {
  test('are as Kubernetes knows them', async () => {
    expect(coreMistakes(named(await objectsOf(SET), 'postgres-dump'))).toEqual([]);
  });

  test.skipIf(!existsSync(crds))('are as Velero knows them', async () => {
    const velero = new Crds();
    for (const file of ['velero-bsl.yaml', 'velero-schedules.yaml']) velero.add(readFileSync(path.join(crds, file), 'utf8'));
    const objects = (await objectsOf(SET)).filter(({ apiVersion }) => apiVersion === 'velero.io/v1');
    expect(objects.length).toBe(3);
    for (const object of objects) expect(velero.mistakes(object), object.metadata.name).toEqual([]);
  });

  test.each(['{}', '{ bucket: ab }', '{ bucket: todo-backups, schedule: daily }', '{ bucket: todo-backups, keep: a week }', '{ bucket: todo-backups, ttl: 7d }'])('backup: %s is refused', async (settings) => {
    expect((await refusal(platformIn('prod', definition(`    backup: ${settings}`)))).code).toMatch(/^TODOCTL_DEFINITION_/);
  });
});
