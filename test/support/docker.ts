import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { imageArchive } from './node/image-archive.ts';
import { until } from './until.ts';

export interface Docker {
  /** `unix:///…/docker.sock`, as DOCKER_HOST wants it. */
  host: string;
  /** What a child needs to find docker and this daemon. */
  env: Record<string, string>;
  /** Runs docker and answers its stdout. */
  docker(...args: string[]): string;
  /** Loads an image that holds this machine's Node and nothing else, under this name. */
  nodeImage(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** A Docker daemon of the test's own, on a private socket, without networks for containers; or why there can be none. */
export async function startDocker(): Promise<Docker | { skipped: string }> {
  if (process.getuid?.() !== 0) return { skipped: 'dockerd needs root' };
  if (spawnSync('dockerd', ['--version']).error) return { skipped: 'dockerd is not installed (Debian: docker.io)' };
  const folder = mkdtempSync(path.join(tmpdir(), 'docker-'));
  const host = `unix://${folder}/docker.sock`;
  const log = openSync(path.join(folder, 'log'), 'w');
  const daemon = spawn('dockerd', [
    '--host', host, '--data-root', path.join(folder, 'data'), '--exec-root', path.join(folder, 'exec'), '--pidfile', path.join(folder, 'pid'),
    '--bridge=none', '--iptables=false', '--ip-masq=false', '--ip-forward=false',
  ], { stdio: ['ignore', log, log] });
  closeSync(log);
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, DOCKER_HOST: host, DOCKER_CONFIG: path.join(folder, 'config') };
  const docker = (...args: string[]): string => execFileSync('docker', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = async (): Promise<void> => {
    if (daemon.exitCode === null && daemon.signalCode === null) {
      daemon.kill('SIGTERM');
      await once(daemon, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until('dockerd answers', () => {
      if (daemon.exitCode !== null) throw new Error(`dockerd ended: ${readFileSync(path.join(folder, 'log'), 'utf8').slice(-500)}`);
      return spawnSync('docker', ['version'], { env }).status === 0;
    }, 30_000);
  } catch (error) {
    await stop();
    return { skipped: error instanceof Error ? error.message : 'dockerd does not start' };
  }
  return { host, env, docker, stop, nodeImage: async (name) => void docker('load', '--input', await imageArchive({ names: [name], files: nodeFiles(), env: ['PATH=/usr/local/bin'] })) };
}

/** Node's program with the libraries that the loader takes. */
function nodeFiles(): Record<string, string> {
  const libraries = [...execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, file = '']) => file);
  return Object.fromEntries([['/usr/local/bin/node', process.execPath], ...libraries.map((file) => [file, realpathSync(file)] as const)]);
}
