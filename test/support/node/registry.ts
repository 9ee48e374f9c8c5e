import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { until } from '../until.ts';
import { ended } from './control-plane.ts';
import type { Node } from './node.ts';
import { trustRegistry } from './worker.ts';

export interface Credentials {
  user: string;
  password: string;
}

export interface Registry {
  /** `10.10.0.1:5000`, for this machine and for the node; it speaks plain HTTP. */
  server: string;
  credentials?: Credentials;
}

/** A registry of Debian's package with a folder of its own. With `credentials`, nobody pulls or pushes without them. */
export async function startRegistry({ ground }: Node, { credentials, port = 5000 }: { credentials?: Credentials; port?: number } = {}): Promise<Registry | { skipped: string }> {
  if (spawnSync('docker-registry', ['--version']).error) return { skipped: 'no registry is installed (Debian: docker-registry)' };
  const server = `${ground.hostAddress}:${port}`;
  const folder = path.join(ground.folder, `registry-${port}`);
  mkdirSync(folder, { mode: 0o700 });
  const passwords = path.join(folder, 'passwords');
  if (credentials) writeFileSync(passwords, `${credentials.user}:${bcrypt(credentials.password)}\n`, { mode: 0o600 });
  const config = path.join(folder, 'config.json');
  writeFileSync(config, JSON.stringify({
    version: 0.1, log: { level: 'info' }, storage: { filesystem: { rootdirectory: path.join(folder, 'data') }, delete: { enabled: true } }, http: { addr: server, secret: 'test' },
    ...(credentials && { auth: { htpasswd: { realm: 'test', path: passwords } } }),
  }));
  const child = ground.launch(`registry-${port}`, 'docker-registry', ['serve', config], { inside: false });
  await until('the registry answers', () => ended(child, path.join(ground.logs, `registry-${port}`)) ?? answers(`http://${server}/v2/`));
  trustRegistry(ground, server);
  return { server, ...(credentials && { credentials }) };
}

// The only hash that the registry takes. Perl, which Debian always has, gets it from the C library.
function bcrypt(password: string): string {
  return execFileSync('perl', ['-e', 'print crypt(<STDIN>, q($2b$05$abcdefghijklmnopqrstuu))'], { input: password, encoding: 'utf8' });
}

async function answers(url: string): Promise<boolean> {
  const request = http.get(url, { agent: false });
  try {
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    return true;
  } catch {
    return false;
  }
}
