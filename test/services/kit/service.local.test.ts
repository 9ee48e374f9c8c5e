import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { openService } from '../../../services/kit/service.ts';
import { ok } from '../../../services/kit/http/reply.ts';
import { silentLogger, type Logger } from '../../../services/kit/log.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import { startScriptedSidecar } from './scripted-sidecar.ts';

interface Line {
  level: number;
  msg: string;
  port?: number;
  hook?: string;
}
interface Child {
  readonly process: ChildProcess;
  readonly lines: Line[];
  /** The first line, seen or to come, with this message. */
  said(msg: string): Promise<Line>;
  exit: Promise<unknown>;
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(env: Record<string, string>): Child {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'service-process.ts')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines: Line[] = [];
  const waiting: (() => void)[] = [];
  readline.createInterface(child.stdout).on('line', (text) => {
    lines.push(JSON.parse(text) as Line);
    for (const look of waiting) look();
  });
  const said = (msg: string) =>
    new Promise<Line>((resolve) => {
      const look = (): void => {
        const found = lines.find((line) => line.msg === msg);
        if (found) resolve(found);
      };
      waiting.push(look);
      look();
    });
  return { process: child, lines, said, exit: once(child, 'close').then(([code]: unknown[]) => code) };
}

describe('a service', () => {
  it('on SIGTERM finishes what is under way, runs its hooks in order, and exits 0', async () => {
    const child = start({ SERVICE: 'web', PORT: '0' });
    const { port } = await child.said('listening');
    const answer = fetch(`http://127.0.0.1:${port}/slow`);
    await child.said('in the handler');
    child.process.kill('SIGTERM');
    expect(await (await answer).json()).toEqual({ done: true });
    expect(await child.exit).toBe(0);
    expect(child.lines.filter(({ msg }) => msg === 'hook').map(({ hook }) => hook)).toEqual(['first', 'last']);
    expect(child.lines.find(({ level }) => level === 50)).toMatchObject({ hook: 'failing', msg: 'could not stop in order' });
  });

  it('with a wrong environment says what is missing in one line, and exits 1', async () => {
    const child = start({ PORT: 'http' });
    expect(await child.exit).toBe(1);
    expect(child.lines).toHaveLength(1);
    expect(child.lines[0]?.level).toBe(60);
    expect(child.lines[0]?.msg).toContain('SERVICE is missing');
    expect(child.lines[0]?.msg).toContain('PORT must be a whole number');
  });

  it('whose port is taken exits 1 and says so', async () => {
    const first = start({ SERVICE: 'web', PORT: '0' });
    const { port } = await first.said('listening');
    const second = start({ SERVICE: 'web', PORT: String(port) });
    expect(await second.exit).toBe(1);
    expect(second.lines[0]).toMatchObject({ level: 60, err: { code: 'EADDRINUSE' } });
  });
});

describe('its parts', () => {
  it('are a migrated database in its own schema, a sidecar, and readiness that follows both', async () => {
    const postgres = await startTestPostgres();
    const sidecar = await startScriptedSidecar();
    const running = await openService(
      {
        migrations: [{ name: '001', sql: 'CREATE TABLE notes (text text)' }],
        setup: ({ database }) => ({
          routes: [{ method: 'GET', path: '/', access: 'public', handler: async () => ok((await database.query('SELECT count(*) AS n, current_schema() AS s FROM notes')).rows[0]) }],
        }),
      },
      { SERVICE: 'task-api', PORT: '0', DATABASE_URL: await postgres.createDatabase('todoapp'), DAPR_HTTP_PORT: String(sidecar.port), SHUTDOWN_SECONDS: '2' },
      silentLogger,
    );
    const ready = async (): Promise<unknown> => (await fetch(`${running.server.url}/readyz`)).json();
    expect(await (await fetch(running.server.url)).json()).toEqual({ n: 0, s: 'task_api' });
    expect(await ready()).toEqual({ ready: true, checks: { database: 'ok', sidecar: 'ok' } });

    sidecar.other = () => ({ status: 500, body: { errorCode: 'ERR_OUTBOUND_HEALTH_NOT_READY' } });
    expect(await ready()).toEqual({ ready: false, checks: { database: 'ok', sidecar: 'health: status 500 ERR_OUTBOUND_HEALTH_NOT_READY' } });
    sidecar.other = () => ({ status: 204 });
    await postgres.stop();
    expect(await ready()).toMatchObject({ ready: false, checks: { sidecar: 'ok', database: expect.not.stringMatching(/^ok$/) as string } });
    expect((await fetch(`${running.server.url}/livez`)).status).toBe(200);

    await running.stop();
    await running.stop();
    await expect(fetch(running.server.url)).rejects.toThrow();
    await sidecar.stop();
  });

  it('with a key for tokens that is no key fail at the start, not at the first request', async () => {
    const env = { SERVICE: 'task-api', PORT: '0', AUTH_MODE: 'jwt', AUTH_KEY: '-----BEGIN PUBLIC KEY-----', AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' };
    await expect(openService({ setup: () => ({ routes: [] }) }, env, silentLogger)).rejects.toThrow();
  });

  it('fail at the start when setup fails', async () => {
    const setup = (): never => {
      throw new Error('no rules');
    };
    await expect(openService({ setup }, { SERVICE: 'web', PORT: '0' }, silentLogger)).rejects.toThrow('no rules');
  });

  it('wait for a database that is away at the start', async () => {
    const postgres = await startTestPostgres();
    const url = await postgres.createDatabase('todoapp');
    await postgres.stop();
    const told: string[] = [];
    let asked = (): void => undefined;
    const again = new Promise<void>((resolve) => (asked = resolve));
    const log: Logger = {
      ...silentLogger,
      warn(_, message) {
        told.push(message);
        asked();
      },
    };
    // Its port is closed for good: it is enough to see that the service asks again instead of ending.
    const opening = openService({ migrations: [], setup: () => ({ routes: [] }) }, { SERVICE: 'audit', PORT: '0', DATABASE_URL: url }, log);
    const ended = opening.then(() => 'ended', () => 'ended');
    await again;
    expect(await Promise.race([ended, Promise.resolve('waiting')])).toBe('waiting');
    expect(told[0]).toBe('the database is away; asking again');
  });

  it('with a database need its address', async () => {
    const opening = openService({ migrations: [], setup: () => ({ routes: [] }) }, { SERVICE: 'audit', PORT: '0' }, silentLogger);
    await expect(opening).rejects.toThrow('DATABASE_URL or DATABASE_URL_FILE is missing');
  });
});
