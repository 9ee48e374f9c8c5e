// Supervisors of builds that know less than this one, and such that do not answer any more.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectSupervisor, startSupervisor } from '../../../../../cli/targets/local/supervisor/client.ts';
import { identify, type Identity } from '../../../../../cli/io/process-identity.ts';
import { type SupervisorRecord } from '../../../../../cli/targets/local/supervisor/record.ts';
import { teardownSteps } from '../../../../../cli/targets/local/teardown.ts';
import { pathsOf } from '../../../../../cli/targets/local/paths.ts';
import { runSteps } from '../../../../../cli/engine/run.ts';
import { systemClock } from '../../../../../cli/io/clock.ts';
import { stateDirectory } from './bench.ts';

/** Answers hello and stop as the first build did, and nothing else. */
const OLDER = `
const { createServer } = require('node:net');
const { rmSync } = require('node:fs');
const state = process.argv[1];
createServer((from) => from.on('data', (line) => {
  const { ask } = JSON.parse(line);
  const knows = ask === 'hello' || ask === 'stop';
  from.write(JSON.stringify(knows ? { ok: true, leftovers: [] } : { ok: false, reason: 'not a request that this supervisor knows' }) + '\\n');
  if (ask !== 'stop') return;
  rmSync(state + '/record.json');
  from.end(() => process.exit(0));
})).listen(state + '/supervisor.sock', () => console.log('listening'));
`;
/** Takes connections and never says a word. */
const SILENT = `require('node:net').createServer(() => {}).listen(process.argv[1] + '/supervisor.sock', () => console.log('listening'));`;

let root: string;
let stateDir: string;
let child: ChildProcess;

beforeEach(() => {
  root = path.dirname(stateDirectory());
  stateDir = pathsOf(root, 'local').state;
  mkdirSync(stateDir, { recursive: true });
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

async function supervisedBy(code: string): Promise<void> {
  child = spawn(process.execPath, ['-e', code, stateDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  const supervisor = identify(child.pid ?? 0) as Identity;
  const record: SupervisorRecord = { version: 1, supervisor, guard: null, code: 'another', socket: path.join(stateDir, 'supervisor.sock'), stopping: false, processes: [] };
  writeFileSync(path.join(stateDir, 'record.json'), JSON.stringify(record));
}

function successor(): Promise<unknown> {
  return startSupervisor({ stateDir, node: process.execPath, script: path.resolve('cli/targets/local/supervisor/main.ts') });
}

describe('a supervisor that does not know how to hand over', () => {
  test('is not asked for ever: the reason is said', async () => {
    await supervisedBy(OLDER);
    await expect(successor()).rejects.toMatchObject({
      code: 'TODOCTL_SUPERVISOR_REFUSED',
      message: `The supervisor of another build (pid ${child.pid}) does not hand over: not a request that this supervisor knows`,
    });
  });

  test('is stopped by teardown as it is', async () => {
    await supervisedBy(OLDER);
    const ended = once(child, 'exit');
    const never = new AbortController().signal;
    const steps = teardownSteps({ paths: pathsOf(root, 'local'), node: process.execPath, packageRoot: process.cwd(), keepData: false });
    expect(await runSteps(steps, { emit: () => undefined, clock: systemClock, stop: never, leave: never })).toMatchObject({ ok: true });
    expect(await ended).toEqual([0, null]);
    expect(existsSync(stateDir)).toBe(false);
  });
});

test('a supervisor that never answers is given up, by whoever asks', async () => {
  await supervisedBy(SILENT);
  const given = await Promise.allSettled([connectSupervisor(stateDir), successor()]);
  expect(given).toMatchObject([
    { status: 'rejected', reason: { code: 'TODOCTL_SUPERVISOR_FAILED' } },
    { status: 'rejected', reason: { code: 'TODOCTL_SUPERVISOR_FAILED' } },
  ]);
});
