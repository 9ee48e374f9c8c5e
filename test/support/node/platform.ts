import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SignJWT } from 'jose';
import { parse, parseDocument } from 'yaml';
import { loadPlatform } from '../../../cli/definition/load.ts';
import type { Platform } from '../../../cli/definition/platform.ts';
import { SYSTEM_SCHEMAS, SYSTEMS } from '../../../cli/systems/all.ts';
import { systemsOf } from '../../../cli/systems/environment.ts';
import { writeCharts } from '../../simulators/charts/write.ts';
import { importDapr } from './dapr.ts';
import { KAFKA_IMAGE, kafkaImage } from './kafka-image.ts';
import { NODE_IMAGE } from './node-image.ts';
import type { Node } from './node.ts';
import { postgresImage } from './postgres-image.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const FIXTURE = path.join(ROOT, 'test/fixtures/cluster/environment.yaml');
const STRIMZI = path.join(ROOT, 'test/simulators/strimzi/main.ts');
/** Of the project, what deploy makes images of. */
const SOURCES = ['services', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** The project as it is deployed to a node of the tests. */
export interface NodePlatform {
  /** Folder with todoctl.yaml: where todoctl is to be run. */
  folder: string;
  /** Name of its environment. */
  environment: string;
  /** What todoctl needs to know in its environment: the kubeconfig, and what tokens are checked with. */
  env: { KUBECONFIG: string; TODOCTL_TEST_AUTH_KEY: string };
  /** What a user of that name signs in with. */
  tokenOf: (user: string) => Promise<string>;
  /** The definition as the environment sees it now. */
  load: () => Promise<Platform>;
}

export interface NodePlatformGiven {
  /** `10.10.0.1:5000`, where images are pushed to. */
  registry: string;
  /** Name of the environment; `real` when left out. */
  environment?: string;
  /** Changes the environment's block of todoctl.yaml before it is written; it is plain data. */
  change?: (block: Record<string, unknown>) => void;
}

/**
 * Prepares a node for a deploy of this project: images of Kafka, PostgreSQL and Dapr are on it, Strimzi's stand-in runs outside, charts
 * are folders of this machine, and a copy of the project says so in its todoctl.yaml. Metrics, a Gateway, a registry and a Docker that has
 * NODE_IMAGE are the caller's.
 */
export async function prepareNodePlatform(node: Node, { registry, environment = 'real', change }: NodePlatformGiven): Promise<NodePlatform | { skipped: string }> {
  const [kafka, postgres] = [kafkaImage(), postgresImage()];
  if ('skipped' in kafka) return kafka;
  if ('skipped' in postgres) return postgres;
  const [dapr] = await Promise.all([importDapr(node), node.importImage(kafka), node.importImage(postgres)]);
  if ('skipped' in dapr) return dapr;

  const folder = path.join(node.ground.folder, 'platform');
  mkdirSync(folder, { recursive: true });
  for (const name of SOURCES) cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  const dockerfile = path.join(folder, 'services/Dockerfile');
  writeFileSync(dockerfile, readFileSync(dockerfile, 'utf8').replace(/^ARG BASE=.*$/m, `ARG BASE=${NODE_IMAGE}`));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  const block = parse(readFileSync(FIXTURE, 'utf8')) as Record<string, unknown>;
  block['registry'] = { server: registry, repository: 'todo' };
  change?.(block);
  const load = (): Promise<Platform> => loadPlatform({ cwd: folder, environment, env: {}, systems: SYSTEM_SCHEMAS });
  writeDefinition(folder, environment, block);

  // Which charts there are follows from the definition, which then says where they come from.
  const platform = await load();
  const releases = systemsOf(platform, SYSTEMS, Object.fromEntries(platform.services.map(({ name }) => [name, 'none']))).flatMap(({ charts = [] }) => charts);
  const charts = writeCharts(path.join(folder, 'stand-ins'), releases.filter(({ release }) => release !== 'dapr'));
  block['sources'] = { charts: { ...charts, ...(releases.some(({ release }) => release === 'dapr') ? { dapr: dapr.chart } : {}) } };
  writeDefinition(folder, environment, block);

  // A process of its own, so that a test may block meanwhile; it ends with the node.
  node.ground.launch('strimzi', process.execPath, [STRIMZI, node.kubeconfig, 'pods', KAFKA_IMAGE], { inside: false });
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    folder, environment, load,
    env: { KUBECONFIG: node.kubeconfig, TODOCTL_TEST_AUTH_KEY: publicKey.export({ type: 'spki', format: 'pem' }) },
    tokenOf: (user) => new SignJWT({}).setProtectedHeader({ alg: 'ES256' }).setSubject(user).setIssuer('todo').setAudience('todo').setIssuedAt().setExpirationTime('2h').sign(privateKey),
  };
}

function writeDefinition(folder: string, environment: string, block: object): void {
  const definition = parseDocument(readFileSync(path.join(ROOT, 'todoctl.yaml'), 'utf8'));
  definition.setIn(['environments', environment], block);
  // KEDA's stand-in scales nothing: what prod scales by lag has its two replicas from a real autoscaler here.
  definition.deleteIn(['services', 'recurrence', 'scale', 'lag']);
  writeFileSync(path.join(folder, 'todoctl.yaml'), String(definition));
}
