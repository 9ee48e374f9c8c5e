// The gateway as the supervisor runs it: a process with a configuration file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readGatewayConfig } from '../../../../../cli/targets/local/gateway/config.ts';
import { problemBody, problemHeaders } from '../../../../../cli/targets/local/gateway/problem.ts';
import { PACKAGE } from '../../../../support/platform.ts';
import { temporaryFolder } from '../platforms.ts';

const MAIN = path.join(PACKAGE, 'cli/targets/local/gateway/main.ts');
const configFile = (config: object): string => {
  const file = path.join(temporaryFolder(), 'gateway.json');
  writeFileSync(file, JSON.stringify(config));
  return file;
};

describe('the process', () => {
  const start = (...args: string[]): { child: ReturnType<typeof spawn>; lines: () => { msg: string; port?: number; level: number }[]; ended: Promise<unknown[]> } => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return { child, lines: () => said.trimEnd().split('\n').map((line) => JSON.parse(line) as { msg: string; level: number }), ended: once(child, 'exit') };
  };

  test('says where it listens, answers, and ends with 0 when it is asked to', async () => {
    const { child, lines, ended } = start('--config', configFile({ host: '127.0.0.1', port: 0, routes: [{ prefix: '/api', upstreams: [] }] }));
    await once(child.stdout ?? child, 'data');
    expect(lines()[0]).toMatchObject({ level: 30, name: 'gateway', msg: 'listening', routes: ['/api × 0'] });
    expect((await fetch(`http://127.0.0.1:${lines()[0]?.port}/__gateway/healthz`, { headers: { connection: 'close' } })).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(lines().at(-1)?.msg).toBe('ending');
  });

  test('says why it cannot start', async () => {
    const { lines, ended } = start('--config', '/nowhere/gateway.json');
    expect(await ended).toEqual([1, null]);
    expect(lines()[0]).toMatchObject({ level: 50, msg: expect.stringContaining('ENOENT') as string });
  });
});

test('the configuration is the file after --config', () => {
  const config = { host: '127.0.0.1', port: 1, routes: [] };
  expect(readGatewayConfig(['node', 'gateway.js', '--config', configFile(config)])).toEqual(config);
  expect(() => readGatewayConfig(['node', 'gateway.js'])).toThrow('usage: gateway --config FILE');
});

test.each([[503, 'Service Unavailable', '1'], [404, 'Not Found', undefined]] as const)('a problem %i is RFC 9457', (status, title, retryAfter) => {
  const body = problemBody({ status, detail: 'ü' });
  expect(JSON.parse(body)).toEqual({ type: 'about:blank', title, status, detail: 'ü' });
  const headers = problemHeaders({ status, detail: 'ü' }, body);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'content-length': String(Buffer.byteLength(body)) });
  expect(headers['retry-after']).toBe(retryAfter);
});
