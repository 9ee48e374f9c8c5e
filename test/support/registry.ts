import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-ports.ts';
import { until } from './until.ts';

/** The user of a registry with a password, and its bcrypt hash, which is what such a registry keeps. */
export const LOGIN = { username: 'pusher', password: 'canary-of-the-registry' };
const HTPASSWD = 'pusher:$2b$05$gSqEoI/FIvjv2o0k9CtluufcE/YotxIXXm0h12rfKvKKVIGRN7P/2';

export interface TestRegistry {
  /** `127.0.0.1:41234`: plain HTTP. */
  server: string;
  stop(): Promise<void>;
}

export type RegistryAuth = 'none' | 'password' | { realm: string; service: string; issuer: string; certificates: string };

/** Starts Debian's docker-registry, the reference implementation, on loopback; or says why it cannot. */
export async function startRegistry(auth: RegistryAuth = 'none'): Promise<TestRegistry | { skipped: string }> {
  if (spawnSync('docker-registry', ['--version']).error) return { skipped: 'docker-registry is not installed (Debian: docker-registry)' };
  const folder = mkdtempSync(path.join(tmpdir(), 'registry-'));
  const server = `127.0.0.1:${await freePort()}`;
  writeFileSync(path.join(folder, 'htpasswd'), `${HTPASSWD}\n`);
  const config = {
    version: '0.1',
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: path.join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: server },
    ...(auth === 'password' ? { auth: { htpasswd: { realm: 'test', path: path.join(folder, 'htpasswd') } } } : {}),
    ...(typeof auth === 'object' ? { auth: { token: { realm: auth.realm, service: auth.service, issuer: auth.issuer, rootcertbundle: auth.certificates } } } : {}),
  };
  // JSON is YAML too.
  writeFileSync(path.join(folder, 'config.yml'), JSON.stringify(config));
  const child: ChildProcess = spawn('docker-registry', ['serve', path.join(folder, 'config.yml')], { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until('the registry answers', () => fetch(`http://${server}/v2/`).then(() => true, () => false));
  } catch (error) {
    await stop();
    throw error;
  }
  return { server, stop };
}
