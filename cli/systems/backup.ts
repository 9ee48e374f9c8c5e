import * as z from 'zod';
import { parseDuration } from '../definition/duration.ts';
import type { Platform } from '../definition/platform.ts';
import { duration } from '../definition/schema.ts';
import { POSTGRES_IMAGE } from './database.ts';
import { directPostgresSecret, namespaceOf, pooledConnections } from './names.ts';
import { type Artefact, type Chart, defineSystem, type Parts, type Pods } from './system.ts';

const NAMESPACE = 'velero';
const LOCATION = 'default';
const HOUR_MS = 3_600_000;
const CRON = /^(?:[\d*,/-]+ ){4}[\d*,/-]+$/;

/** Keys of Spaces that deploy or a person puts there; no rendered file holds one. */
export const BACKUP_SECRETS = {
  /** In Velero's namespace: a file of credentials as AWS's tools read it. */
  velero: { name: 'velero', key: 'cloud' },
  /** In the app's namespace. */
  accessKey: { name: 'backup', key: 'access-key' },
  secretKey: { name: 'backup', key: 'secret-key' },
} as const;

const settings = z.strictObject({
  bucket: z.string().min(3).max(63).describe('Bucket of Spaces that takes the backups.'),
  region: z.string().min(1).exactOptional().describe('Region of that bucket; that of the environment when left out.'),
  schedule: z.string().regex(CRON).default('0 2 * * *').describe('When the daily backup is made, as cron has it, in UTC.'),
  keep: duration.default('7d').describe('How long a daily backup is kept.'),
  weekly: z.string().regex(CRON).default('0 3 * * 0').describe('When the weekly backup is made.'),
  keepWeekly: duration.default('35d').describe('How long a weekly backup is kept.'),
});
type Settings = z.output<typeof settings>;

/**
 * Objects of the app's namespace, Kafka's among them, by Velero; the database by pg_dump. What topics hold is not backed up:
 * volumes of brokers that are copied one after the other are no Kafka, and the events are in the database's tables too.
 */
export const backup = defineSystem({
  id: 'backup',
  needs: [],
  settings: settings.exactOptional(),
  parts(platform, given): Parts | undefined {
    if (!given) return undefined;
    const place = placeOf(platform, given);
    const dumps = platform.services.some(({ database }) => database);
    return {
      namespace: { name: NAMESPACE, podSecurity: 'baseline' },
      charts: [velero()],
      artefacts: [location(place), ...schedules(platform, given), ...(dumps ? [dump(platform, given, place)] : [])],
      ...(dumps ? dumpNeeds(platform) : {}),
    };
  },
});

interface Place {
  bucket: string;
  /** Folder of this environment in the bucket. */
  prefix: string;
  endpoint: string;
}

function placeOf({ name, environment }: Platform, { bucket, region = environment.region ?? 'nyc3' }: Settings): Place {
  return { bucket, prefix: `${name}/${environment.name}`, endpoint: `https://${region}.digitaloceanspaces.com` };
}

function velero(): Chart {
  return {
    release: 'velero',
    namespace: NAMESPACE,
    chart: 'velero',
    repository: 'https://vmware-tanzu.github.io/helm-charts',
    version: '12.1.0',
    values: { template: 'helm/velero.values.yaml.hbs', view: {} },
    provides: ['velero.io'],
    pods: [{ name: 'velero', replicas: 1, cpu: 100, memory: 128 }],
  };
}

function location(place: Place): Artefact {
  const { name, key } = BACKUP_SECRETS.velero;
  return {
    owner: 'applied',
    file: `location-${LOCATION}.yaml`,
    template: 'backup/location.yaml.hbs',
    // Velero takes a folder for broken that holds anything but its own: the dumps have one beside it.
    view: { namespace: NAMESPACE, name: LOCATION, ...place, prefix: `${place.prefix}/velero`, secret: { name, key } },
  };
}

function schedules(platform: Platform, { schedule, keep, weekly, keepWeekly }: Settings): Artefact[] {
  const one = (name: string, when: string, kept: string): Artefact => ({
    owner: 'applied',
    file: `schedule-${name}.yaml`,
    template: 'backup/schedule.yaml.hbs',
    // The name is the cluster's own: one cluster may hold several platforms.
    view: { namespace: NAMESPACE, name: `${platform.name}-${name}`, schedule: when, ttl: `${hours(kept)}h0m0s`, namespaces: [namespaceOf(platform)], location: LOCATION },
  });
  return [one('daily', schedule, keep), one('weekly', weekly, keepWeekly)];
}

const DUMP = { name: 'postgres-dump', cpu: 100, memory: 256 } as const;

function dump(platform: Platform, { schedule, keep }: Settings, place: Place): Artefact {
  const { accessKey, secretKey } = BACKUP_SECRETS;
  return {
    owner: 'applied',
    file: `cronjob-${DUMP.name}.yaml`,
    template: 'backup/dump.yaml.hbs',
    view: {
      name: DUMP.name,
      image: POSTGRES_IMAGE,
      pods: dumpPods(platform).labels,
      schedule,
      folder: `${place.bucket}/${place.prefix}/postgres`,
      endpoint: place.endpoint,
      keep: `${hours(keep)}h`,
      // pg_dump sets what it needs for its whole session, and by a pooler it would for other people's.
      database: directPostgresSecret(platform),
      accessKey,
      secretKey,
      cpu: `${DUMP.cpu}m`,
      memory: `${DUMP.memory}Mi`,
    },
  };
}

/** What the job needs to run: room on a node, the database and the bucket. */
function dumpNeeds(platform: Platform): Pick<Parts, 'ownPods' | 'serves' | 'calls'> {
  return {
    ownPods: [{ name: DUMP.name, replicas: 1, cpu: DUMP.cpu, memory: DUMP.memory }],
    serves: [{ id: 'spaces', pods: 'outside', ports: [{ port: 443 }] }],
    calls: [{ from: dumpPods(platform), to: [pooledConnections(platform) === undefined ? 'postgres' : 'postgres-direct', 'spaces'] }],
  };
}

function dumpPods(platform: Platform): Pods {
  return { namespace: namespaceOf(platform), labels: { 'app.kubernetes.io/part-of': platform.name, 'app.kubernetes.io/name': DUMP.name } };
}

/** Whole hours, at least one. The schema lets only durations through. */
function hours(kept: string): number {
  return Math.max(1, Math.ceil((parseDuration(kept) ?? 0) / HOUR_MS));
}
