import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { daprdCommand } from '../../../cli/sidecar/daprd.ts';
import { freePorts } from '../../support/free-ports.ts';
import type { Rendered } from './resources.ts';

export interface AppSpec {
  appId: string;
  podName: string;
  appPort: number;
  apiToken?: string;
  appToken?: string;
}

/** Sidecars at work, one HTTP port per app, in the order of the specs. */
export interface Sidecars {
  ports: number[];
  /** What they logged so far. */
  log(): string;
  /** Ends them gracefully. */
  stop(): Promise<void>;
}

/** Starts the sidecars of some apps; resolves when each is healthy for outbound calls. */
export type StartSidecars = (apps: readonly AppSpec[], rendered: Rendered) => Promise<Sidecars>;

const READY_MS = 30_000;
const POLL_MS = 25;
const MAIN = path.resolve(import.meta.dirname, '../../../cli/sidecar/main.ts');

interface Command {
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** Ours: one process for all apps. */
export const startEmbeddedSidecar: StartSidecars = async (apps, rendered) => {
  const ports = await freePorts(apps.length);
  const entries = await Promise.all(
    apps.map(async ({ appId, podName, appPort, apiToken, appToken }, index) => ({
      appId,
      podName,
      appPort,
      httpPort: ports[index],
      ...(apiToken && { daprApiToken: { file: await tokenFile(rendered, apiToken) } }),
      ...(appToken && { appApiToken: { file: await tokenFile(rendered, appToken) } }),
    })),
  );
  const config = path.join(rendered.folder, `sidecar-${ports[0]}.json`);
  await writeFile(config, JSON.stringify({ resourcesPath: rendered.resourcesPath, configFile: rendered.configFile, apps: entries }));
  return await launch(ports, [{ command: process.execPath, args: [MAIN, '--config', config], env: {} }]);
};

/** The real one: a process per app. */
export function startRealDaprd(binary: string): StartSidecars {
  return async (apps, rendered) => {
    const ports = await freePorts(apps.length * 4);
    const commands = await Promise.all(
      apps.map(async ({ appId, podName, appPort, apiToken, appToken }, index) => {
        const [httpPort, grpcPort, internalGrpcPort, metricsPort] = ports.slice(index * 4) as [number, number, number, number];
        const { resourcesPath, configFile } = rendered;
        return daprdCommand({
          ...{ binary, appId, podName, appPort, httpPort, grpcPort, internalGrpcPort, metricsPort, resourcesPath, configFile },
          ...(apiToken && { apiTokenFile: await tokenFile(rendered, apiToken) }),
          ...(appToken && { appTokenFile: await tokenFile(rendered, appToken) }),
        });
      }),
    );
    return await launch(apps.map((_, index) => ports[index * 4] as number), commands);
  };
}

async function tokenFile({ folder }: Rendered, token: string): Promise<string> {
  const file = path.join(folder, `token-${token}`);
  await writeFile(file, token, { mode: 0o600 });
  return file;
}

async function launch(ports: number[], commands: readonly Command[]): Promise<Sidecars> {
  let output = '';
  const children = commands.map(({ command, args, env }) => {
    const child = spawn(command, args, { env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    return child;
  });
  const stop = async (): Promise<void> => void (await Promise.all(children.map(end)));
  try {
    await Promise.all(ports.map((port) => healthy(port, children)));
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}\n${output.slice(-4000)}`, { cause: error });
  }
  return { ports, log: () => output, stop };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function healthy(port: number, children: readonly ChildProcess[]): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    if (children.some((child) => child.exitCode !== null)) throw new Error('a sidecar ended at once');
    const answer = await fetch(`http://127.0.0.1:${port}/v1.0/healthz/outbound`).catch(() => undefined);
    if (answer?.status === 204) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`no sidecar is healthy on port ${port} after ${READY_MS} ms`);
}
