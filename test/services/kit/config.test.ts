import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, readConfig, type Environment } from '../../../services/kit/config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'kit-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
function file(name: string, content: string): string {
  const where = path.join(folder, name);
  writeFileSync(where, content);
  return where;
}
function fault(env: Environment): string {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return 'no error';
}

describe('the environment', () => {
  it('needs little', () => {
    expect(readConfig({ SERVICE: 'web', PORT: '3000' })).toMatchObject({ service: 'web', replica: 'web-0', host: '127.0.0.1', port: 3000, logLevel: 'info', shutdownMs: 10_000 });
  });

  it('may say everything', () => {
    const config = readConfig({
      SERVICE: 'task-api',
      REPLICA: 'task-api-1',
      HOST: '0.0.0.0',
      PORT: '0',
      LOG_LEVEL: 'debug',
      SHUTDOWN_SECONDS: '3',
      DATABASE_URL: 'postgres://u:p@h/d',
      DATABASE_POOLED: 'true',
      DATABASE_CONNECTIONS: '4',
      DAPR_HTTP_PORT: '3500',
      DAPR_API_TOKEN: 'dapr-secret',
      APP_API_TOKEN: 'app-secret',
      AUTH_MODE: 'jwt',
      AUTH_JWKS_URL: 'https://id.example.com/keys',
      AUTH_ISSUER: 'https://id.example.com',
      AUTH_AUDIENCE: 'todo',
      VERSION: '1.2.3',
    });
    expect(config).toMatchObject({
      replica: 'task-api-1',
      port: 0,
      shutdownMs: 3000,
      database: { url: 'postgres://u:p@h/d', pooled: true, connections: 4 },
      dapr: { port: 3500, apiToken: 'dapr-secret' },
      appToken: 'app-secret',
      auth: { mode: 'jwt', issuer: 'https://id.example.com', audience: 'todo', keys: { jwksUrl: 'https://id.example.com/keys' } },
    });
    expect(config.setting('VERSION')).toBe('1.2.3');
    expect(config.setting('NOTHING')).toBeUndefined();
  });

  it('takes secrets from files, without the line feed at their end', () => {
    const url = file('url', 'postgres://u:p@h/d\n');
    const token = file('token', ' t0ken \n');
    expect(readConfig({ SERVICE: 'a', PORT: '1', DATABASE_URL_FILE: url, APP_API_TOKEN_FILE: token })).toMatchObject({ database: { url: 'postgres://u:p@h/d' }, appToken: 't0ken' });
  });

  it('prefers the value to the file', () => {
    expect(readConfig({ SERVICE: 'a', PORT: '1', APP_API_TOKEN: 'direct', APP_API_TOKEN_FILE: file('other', 'file') }).appToken).toBe('direct');
  });

  it('takes a static key for tokens', () => {
    const key = file('key.pem', '-----BEGIN PUBLIC KEY-----\n');
    const { auth } = readConfig({ SERVICE: 'a', PORT: '1', AUTH_MODE: 'jwt', AUTH_KEY_FILE: key, AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' });
    expect(auth).toMatchObject({ mode: 'jwt', keys: { key: '-----BEGIN PUBLIC KEY-----' } });
  });

  it('that is wrong is told all at once, one line each', () => {
    expect(fault({ PORT: 'http', LOG_LEVEL: 'loud', AUTH_MODE: 'jwt', APP_API_TOKEN_FILE: path.join(folder, 'none'), SHUTDOWN_SECONDS: '-1' })).toMatchInlineSnapshot(`
      "the environment is not complete:
        SERVICE is missing
        APP_API_TOKEN_FILE cannot be read: ENOENT
        AUTH_JWKS_URL or AUTH_KEY_FILE is missing: AUTH_MODE=jwt needs a key to check tokens with
        AUTH_ISSUER is missing
        AUTH_AUDIENCE is missing
        PORT must be a whole number from 0 to 65535
        LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent
        SHUTDOWN_SECONDS must be a whole number from 0 to 600"
    `);
  });

  it('without PORT says so', () => {
    expect(fault({ SERVICE: 'a' })).toContain('PORT is missing');
  });

  it('never has a value quoted', () => {
    expect(fault({ SERVICE: 'a', PORT: 'hunter2', AUTH_MODE: 'hunter2', AUTH_JWKS_URL: 'hunter2' })).not.toContain('hunter2');
  });

  it('without AUTH_MODE has no identity port, rather than an open one', () => {
    expect(readConfig({ SERVICE: 'a', PORT: '1' }).auth).toBeUndefined();
  });
});
