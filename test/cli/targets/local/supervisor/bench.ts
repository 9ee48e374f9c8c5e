import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Supervisor, startSupervisor } from '../../../../../cli/targets/local/supervisor/client.ts';
import { identify, isAlive } from '../../../../../cli/io/process-identity.ts';
import type { ProcessSpec, ProcessStatus } from '../../../../../cli/targets/local/supervisor/process-spec.ts';
import { readRecord, type SupervisorRecord } from '../../../../../cli/targets/local/supervisor/record.ts';
import { freePort } from '../../../../support/free-ports.ts';
import { until } from '../../../../support/until.ts';

const SCRIPT = path.resolve('cli/targets/local/supervisor/main.ts');

/** Zombies do not count: not everyone who started a process waits for its end. */
export function alive(pid: number | undefined): boolean {
  return pid !== undefined && identify(pid) !== undefined;
}

/** A small HTTP server that writes its pid into its log when it starts and says goodbye when it is asked to end. */
const SERVER = `
const server = require('node:http').createServer((request, response) => response.end(String(process.pid)));
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log(JSON.stringify({ msg: 'listening', pid: process.pid })));
process.on('SIGTERM', () => { console.log(JSON.stringify({ msg: 'goodbye' })); process.exit(0); });
`;

export interface Wanted {
  after?: string[];
  hash?: string;
  code?: string;
  port?: number;
  graceMs?: number;
  env?: Record<string, string>;
}

/** A process for the tests: an HTTP server unless `code` says otherwise. */
export async function server(name: string, wanted: Wanted = {}): Promise<ProcessSpec & { port: number }> {
  const port = wanted.port ?? (await freePort());
  return {
    name,
    kind: 'service',
    command: process.execPath,
    args: ['-e', wanted.code ?? SERVER],
    env: { PORT: String(port), ...wanted.env },
    cwd: os.tmpdir(),
    hash: wanted.hash ?? 'one',
    ready: { http: `http://127.0.0.1:${port}/` },
    port,
    stop: { signal: 'SIGTERM', graceMs: wanted.graceMs ?? 5000 },
    after: wanted.after ?? [],
  };
}

/** A state directory with its supervisor, ended whatever the test did. */
export interface Bench extends AsyncDisposable {
  readonly stateDir: string;
  readonly supervisor: Supervisor;
  record(): SupervisorRecord;
  one(name: string): Promise<ProcessStatus | undefined>;
  allReady(): Promise<ProcessStatus[]>;
  /** Waits until a process is ready, and `also` holds. */
  ready(name: string, also?: (status: ProcessStatus) => boolean): Promise<ProcessStatus & { pid: number }>;
}

export function stateDirectory(): string {
  return path.join(realpathSync(mkdtempSync(path.join(os.tmpdir(), 'supervisor-'))), 'state');
}

export function start(stateDir: string): Promise<Supervisor> {
  return startSupervisor({ stateDir, node: process.execPath, script: SCRIPT });
}

export async function openBench(stateDir = stateDirectory()): Promise<Bench> {
  const supervisor = await start(stateDir);
  const one = async (name: string): Promise<ProcessStatus | undefined> => (await supervisor.status()).find((status) => status.name === name);
  return {
    stateDir,
    supervisor,
    one,
    record: () => {
      const record = readRecord(stateDir);
      if (!record) throw new Error('there is no record');
      return record;
    },
    allReady: () => until('all are ready', async () => {
      const all = await supervisor.status();
      return all.every((status) => status.state === 'ready') && all;
    }),
    ready: (name, also = () => true) => until(`${name} is ready`, async () => {
      const status = await one(name);
      return status?.state === 'ready' && status.pid !== undefined && also(status) && { ...status, pid: status.pid };
    }),
    [Symbol.asyncDispose]: async () => {
      if (readRecord(stateDir)) await (await start(stateDir)).stop();
      rmSync(path.dirname(stateDir), { recursive: true, force: true });
    },
  };
}

/** Kills like a power cut, and waits until it is seen. */
export async function kill9(identity: { pid: number } | null | undefined): Promise<void> {
  if (!identity) throw new Error('nothing to kill');
  process.kill(identity.pid, 'SIGKILL');
  if ('start' in identity) await until('it is dead', () => !isAlive(identity as Parameters<typeof isAlive>[0]));
}
