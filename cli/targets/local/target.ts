import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { readDefinition } from '../../definition/find.ts';
import type { Platform } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Target, TargetGiven } from '../target.ts';
import { kafkaAccess } from './kafka.ts';
import { packageRoot } from './package-root.ts';
import { type Paths, pathsOf } from './paths.ts';
import { type PortsFile, readPorts } from './ports.ts';

/**
 * The platform on this machine. What only looks goes by what is found under `.todoctl`, so that it works when todoctl.yaml
 * is broken; and each method loads what it needs, so that `events tail` pays neither for the schema library nor for pg.
 * Throws TODOCTL_DEFINITION_NOT_FOUND, TODOCTL_ENVIRONMENT_UNKNOWN, TODOCTL_PROVIDER_UNKNOWN.
 */
export async function openLocalTarget(given: Omit<TargetGiven, 'stop' | 'leave'>): Promise<Target> {
  const { environment, env, cwd, io } = given;
  const paths = await findPaths(cwd, environment);
  const redact = (secret: string): void => io.redactor.register(secret);
  let loading: Promise<Platform> | undefined;
  const platform = (): Promise<Platform> =>
    (loading ??= Promise.all([import('../../definition/load.ts'), import('../../systems/all.ts')]).then(([{ loadPlatform }, { SYSTEM_SCHEMAS }]) =>
      loadPlatform({ cwd, environment, env, systems: SYSTEM_SCHEMAS }),
    ));

  return {
    async preflight() {
      const { freeBytesOf, preflight } = await import('./preflight.ts');
      return preflight({ paths, env, packageRoot: packageRoot(), platform, nodeVersion: process.versions.node, freeBytes: freeBytesOf });
    },
    async deploy() {
      const [{ deploySteps }, { postgresHere }, wanted] = await Promise.all([import('./deploy.ts'), import('./steps/database.ts'), platform()]);
      const local = { platform: wanted, paths, env, node: process.execPath, packageRoot: packageRoot(), redact };
      return deploySteps(local, wanted.environment.postgres?.url ? undefined : postgresHere(), () => performance.now());
    },
    async teardown({ keepData }) {
      const { teardownSteps } = await import('./teardown.ts');
      return teardownSteps({ paths, keepData, node: process.execPath, packageRoot: packageRoot() });
    },
    async resources() {
      const { findResources } = await import('./resources.ts');
      return findResources(paths);
    },
    async status() {
      const { localStatus } = await import('./status.ts');
      return localStatus(paths);
    },
    async kafka() {
      return kafkaAccess(environment, (await deployedPorts(paths)).bootstrap);
    },
    async *logs(selection, signal) {
      const [{ readLogs }, { knownSecrets }] = await Promise.all([import('./logs.ts'), import('./secrets.ts')]);
      for (const secret of await knownSecrets(paths.secrets)) redact(secret);
      yield* readLogs(paths.logs, selection, signal);
    },
    async entrance() {
      const { ports } = await deployedPorts(paths);
      return { url: new URL(`http://127.0.0.1:${ports['entrance']}/`) };
    },
    async smoke(url) {
      const [{ smokeSteps }, { whoIsAsking }, wanted] = await Promise.all([import('../smoke/steps.ts'), import('../smoke/who.ts'), platform()]);
      const { bootstrap, ports } = await deployedPorts(paths);
      return smokeSteps({
        platform: wanted, clock: given.clock, patienceMs: 0,
        entrance: async () => ({ url: url ?? new URL(`http://127.0.0.1:${ports['entrance']}/`) }),
        kafka: async () => kafkaAccess(environment, bootstrap),
        who: () => whoIsAsking(wanted.environment.auth, { env, redactor: io.redactor }),
      });
    },
    folder: async () => paths.state,
  };
}

async function findPaths(cwd: string, environment: string): Promise<Paths> {
  const { root } = await readDefinition(cwd);
  const paths = pathsOf(await realpath(root), environment);
  if (/^[\w-]+$/.test(environment) && (await stat(paths.state).catch(() => undefined))) return paths;
  // Nothing is here yet: the definition must know the environment, and that it is one of this machine.
  const { peekDefinition } = await import('../../definition/peek.ts');
  const { provider } = await peekDefinition({ cwd, environment });
  if (provider !== 'local') throw new TodoctlError('TODOCTL_PROVIDER_UNKNOWN', { message: `The environment ${environment} is of provider ${provider || 'none'}` });
  return paths;
}

async function deployedPorts(paths: Paths): Promise<PortsFile> {
  const ports = await readPorts(paths.ports);
  if (!ports) throw new TodoctlError('TODOCTL_NOT_DEPLOYED', { message: `The environment ${path.basename(paths.state)} is not deployed here` });
  return ports;
}
