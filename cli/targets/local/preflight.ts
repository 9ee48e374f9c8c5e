import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Platform } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Check } from '../../providers/provider.ts';
import { kafkaAccess } from './kafka.ts';
import { processScripts } from './package-root.ts';
import type { Paths } from './paths.ts';
import { describeHolder } from './port-holder.ts';
import { bootstrapOf, fixedPorts, isFree, portTaken } from './ports.ts';
import { checkDataDirectory } from './postgres/data-directory.ts';
import { lookAtDatabase } from './postgres/database.ts';
import { findProgram } from './programs.ts';
import { resolveSecret } from './secrets.ts';
import { knownCode } from './service-code.ts';
import { postgresHere } from './steps/database.ts';
import { findProcesses } from './resources.ts';
import { readRecord } from './supervisor/record.ts';

const NODE_MAJOR = 26;
/** A first deploy writes some 60 MB; the rest is room for events. */
const LEAST_FREE_MB = 512;

export interface PreflightGiven {
  paths: Paths;
  env: NodeJS.ProcessEnv;
  packageRoot: string;
  /** The checked definition; rejects with what is wrong with it. */
  platform: () => Promise<Platform>;
  nodeVersion: string;
  /** Free bytes on the disk that holds a folder. */
  freeBytes: (folder: string) => Promise<number>;
}

/** Bytes that this user may still write. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Everything that would stop a deploy in its middle, looked at before anything is changed; all at once. */
export async function preflight(given: PreflightGiven): Promise<Check[]> {
  const general = [
    check('Node', async () => node(given.nodeVersion)),
    check('todoctl is built', async () => void processScripts(given.packageRoot)),
    check('State folder can be written', () => writable(given.paths)),
    check('Free disk space', () => diskSpace(given)),
  ];
  const definition = check('todoctl.yaml', async () => void (await given.platform()));
  const platform = await given.platform().catch(() => undefined);
  const specific = platform
    ? [
        ...Object.keys(fixedPorts(platform)).map((name) => check(`Port for ${name}`, () => portFree(given.paths, platform, name))),
        check('Code of the services', () => code(given, platform)),
        check('PostgreSQL', () => postgres(given, platform)),
        ...(platform.environment.kafka?.bootstrap ? [check('Kafka', () => bootstrap(platform))] : []),
        ...(platform.environment.dapr?.binary ? [check('daprd', () => daprd(platform.environment.dapr?.binary ?? '', given.env))] : []),
      ]
    : [];
  return Promise.all([...general, definition, ...specific]);
}

async function check(title: string, look: () => Promise<void>): Promise<Check> {
  try {
    await look();
    return { title };
  } catch (error) {
    return { title, error: error instanceof TodoctlError ? error : new TodoctlError('TODOCTL_BUG', { message: `${title}: ${(error as Error).message}`, cause: error }) };
  }
}

function node(version: string): void {
  if (Number.parseInt(version, 10) < NODE_MAJOR) throw new TodoctlError('TODOCTL_NODE_TOO_OLD', { message: `This is Node ${version}; todoctl needs Node ${NODE_MAJOR} or newer` });
}

async function writable({ root, home, state }: Paths): Promise<void> {
  // The innermost of these that exists decides whether the rest can be made.
  for (const folder of [state, home, root]) {
    const found = await stat(folder).catch(() => undefined);
    if (!found) continue;
    try {
      await access(folder, constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      throw new TodoctlError('TODOCTL_NOT_WRITABLE', { message: `${folder} cannot be written (it belongs to user ${found.uid})`, cause: error });
    }
  }
}

/** TODOCTL_MIN_FREE_MB raises or lowers what is asked for. */
async function diskSpace({ paths, env, freeBytes }: PreflightGiven): Promise<void> {
  const wanted = Number(env['TODOCTL_MIN_FREE_MB'] ?? LEAST_FREE_MB);
  const free = Math.floor((await freeBytes(paths.root)) / 1024 / 1024);
  if (free < wanted) throw new TodoctlError('TODOCTL_DISK_FULL', { message: `${free} MB are free for ${path.relative(paths.root, paths.state)}, the platform needs ${wanted} MB` });
}

/** A fixed port is free, or held by this environment itself. */
async function portFree(paths: Paths, platform: Platform, name: string): Promise<void> {
  const port = fixedPorts(platform)[name];
  if (port === undefined || (await isFree(port))) return;
  const running = new Set(findProcesses(paths.state).map(({ name: process }) => process));
  const own = readRecord(paths.state)?.processes.some((process) => running.has(process.name) && process.runs?.spec.port === port);
  if (!own) throw portTaken(name, port, describeHolder(port));
}

async function code({ paths, packageRoot }: PreflightGiven, { services }: Platform): Promise<void> {
  await Promise.all(services.map(({ name }) => knownCode({ root: paths.root, packageRoot, build: paths.build }, name)));
}

async function postgres({ paths, env }: PreflightGiven, { environment }: Platform): Promise<void> {
  const url = environment.postgres?.url;
  if (!url) return void (await checkDataDirectory({ ...postgresHere(), dataDir: paths.postgres }));
  const state = await lookAtDatabase(await resolveSecret(url, env), []);
  if (state.is !== 'complete') throw new TodoctlError('TODOCTL_DATABASE_UNREACHABLE', { message: 'The PostgreSQL of todoctl.yaml does not let us in' });
}

async function bootstrap(platform: Platform): Promise<void> {
  const addresses = bootstrapOf(platform, {});
  const access = kafkaAccess(platform.environment.name, addresses);
  for (const address of addresses) {
    const socket = await access.connect(address, AbortSignal.timeout(5000)).catch(() => undefined);
    if (!socket) continue;
    socket.destroy();
    return;
  }
  throw new TodoctlError('TODOCTL_BOOTSTRAP_UNREACHABLE', { message: `No Kafka answers at ${platform.environment.kafka?.bootstrap}` });
}

async function daprd(binary: string, env: NodeJS.ProcessEnv): Promise<void> {
  if ((await findProgram(binary, env)) === undefined) throw new TodoctlError('TODOCTL_DAPRD_MISSING', { message: `${binary} does not exist or cannot be executed` });
}
