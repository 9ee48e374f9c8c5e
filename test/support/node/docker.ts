import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { until } from '../until.ts';
import { ended } from './control-plane.ts';
import { run } from './ground.ts';
import type { Node } from './node.ts';

export interface Docker {
  /** What the docker command needs to find it: DOCKER_HOST, and a folder of its own for logins. */
  env: { DOCKER_HOST: string; DOCKER_CONFIG: string };
  /** Runs docker and answers its stdout; `input` is its stdin. */
  docker: (args: readonly string[], input?: string) => Promise<string>;
  /** Gives images of this Docker to the node. */
  give: (...images: string[]) => Promise<void>;
}

/** A Docker of the node's own: its socket and its data are in the node's folder, and it touches neither addresses nor rules of this machine. */
export async function startDocker({ ground, importImage }: Node): Promise<Docker | { skipped: string }> {
  for (const program of ['dockerd', 'docker']) if (spawnSync(program, ['--version']).error) return { skipped: `${program} is not installed (Debian: docker.io)` };
  const folder = path.join(ground.folder, 'docker');
  mkdirSync(folder);
  const socket = path.join(ground.folder, 'docker.sock');
  const child = ground.launch('dockerd', 'dockerd', [
    `--host=unix://${socket}`, `--data-root=${folder}/data`, `--exec-root=${folder}/run`, `--pidfile=${folder}/pid`, `--cgroup-parent=/${ground.cgroup}/docker`,
    // What it builds needs no network; without a bridge it changes nothing of this machine's.
    '--bridge=none', '--iptables=false', '--ip-forward=false', '--ip-masq=false', `--insecure-registry=${ground.hostAddress.replace(/\.1$/, '.0')}/24`,
  ], { inside: false });
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: path.join(folder, 'config') };
  const docker = (args: readonly string[], input?: string): Promise<string> => run('docker', args, { env: { PATH: process.env['PATH'], HOME: folder, ...env } }, input);
  await until('Docker answers', () => ended(child, path.join(ground.logs, 'dockerd')) ?? docker(['info']).then(() => true, () => false), 60_000);
  return {
    env, docker,
    give: async (...images) => {
      const archive = path.join(folder, `given-${images.join('-').replaceAll(/[^a-z0-9.-]/g, '_')}.tar`);
      await docker(['save', '--output', archive, ...images]);
      await importImage(archive);
    },
  };
}
