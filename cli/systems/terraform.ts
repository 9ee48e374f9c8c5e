import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Platform } from '../definition/platform.ts';
import { kafkaOf } from './kafka-access.ts';
import { pooledConnections, postgresProvider } from './names.ts';
import { DATABASE } from './database.ts';
import { type Artefact, defineSystem } from './system.ts';
import { managedKafka } from './terraform-kafka.ts';

const FILES = ['versions', 'backend', 'variables', 'main', 'outputs'] as const;
const DOCR = 'registry.digitalocean.com';
/** The first second number of addresses that DigitalOcean keeps none of for itself. */
const FREE_NETWORKS = 100;

const settings = z.strictObject({
  bucket: z.string().min(3).max(63).exactOptional().describe('Bucket of Spaces that keeps the state; it stays on the machine when left out.'),
  region: z.string().min(1).default('nyc3').describe('Region of that bucket.'),
  kubernetes: z.string().regex(/^1\.\d{2}\.$/).default('1.36.').describe('Beginning of the version of Kubernetes, like 1.36.; the newest patch is taken.'),
  registry: z.enum(['create', 'use']).default('create').describe('use: another environment makes the registry of the images.'),
  registryTier: z.enum(['starter', 'basic', 'professional']).default('basic').describe('Plan of the registry; starter holds one repository only.'),
  network: z.int().min(0).max(255).exactOptional().describe('N in 10.N.0.0/16, its addresses, which no other environment has; taken from its name when left out.'),
  kafkaSize: z.string().min(1).exactOptional().describe('Machine of each node of a managed Kafka; that of kafka.size, or db-s-2vcpu-4gb, when left out.'),
});

/**
 * What DigitalOcean is to have for an environment: cluster, registry, private network, managed database and managed Kafka.
 * Names of resources and attributes are those of digitalocean/digitalocean 2.99. Other providers have no Terraform.
 */
export const terraform = defineSystem({
  id: 'terraform',
  needs: [],
  settings: settings.prefault({}),
  parts(platform, given) {
    if (platform.environment.provider !== 'digitalocean') return undefined;
    const view = { ...common(platform, given), state: stateOf(platform, given), registry: registryOf(platform, given), database: databaseOf(platform), kafka: kafkaView(platform, given) };
    return {
      artefacts: FILES.map((name): Artefact => ({ owner: 'file', file: `terraform/${name}.tf`, template: `terraform/${name}.tf.hbs`, view })),
    };
  },
});

type Settings = z.output<typeof settings>;

function common({ name, environment }: Platform, { kubernetes, network = networkOf(name, environment.name) }: Settings): object {
  const { region = '', nodes = {} } = environment;
  const { size = '', count = 1, min = count, max = count } = nodes;
  return {
    name: `${name}-${environment.name}`,
    tags: [name, environment.name],
    region,
    kubernetes,
    protected: environment.protected,
    // An autoscaler needs room; without any the pool keeps its count.
    nodes: { size, count, min, max, scaled: max > min },
    vpc: `10.${network}.0.0/20`,
    services: `10.${network}.32.0/19`,
    pods: `10.${network}.128.0/17`,
  };
}

/** The same for the same names, and rarely that of another environment: networks of one account must not overlap. */
function networkOf(platform: string, environment: string): number {
  return FREE_NETWORKS + (createHash('sha256').update(`${platform}/${environment}`).digest().readUInt16BE() % (200 - FREE_NETWORKS));
}

function stateOf({ name, environment }: Platform, { bucket, region }: Settings): object | null {
  if (bucket === undefined) return null;
  return { bucket, key: `${name}/${environment.name}/terraform.tfstate`, endpoint: `https://${region}.digitaloceanspaces.com` };
}

/** Null where images are elsewhere. */
function registryOf({ name, environment }: Platform, { registry, registryTier }: Settings): object | null {
  const { server = DOCR, repository = name } = environment.registry ?? {};
  return server === DOCR ? { name: repository.split('/')[0] ?? name, create: registry === 'create', tier: registryTier } : null;
}

function databaseOf(platform: Platform): object | null {
  if (postgresProvider(platform) !== 'digitalocean') return null;
  return { size: platform.environment.postgres?.size ?? 'db-s-2vcpu-4gb', name: DATABASE.name, user: DATABASE.owner, pooled: pooledConnections(platform) ?? null };
}

function kafkaView(platform: Platform, { kafkaSize = platform.environment.kafka?.size ?? 'db-s-2vcpu-4gb' }: Settings): object | null {
  return kafkaOf(platform).provider === 'digitalocean' ? { size: kafkaSize, ...managedKafka(platform) } : null;
}
