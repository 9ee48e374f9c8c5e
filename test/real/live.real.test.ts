// Opt-in: the real DigitalOcean, for real money. `TODOCTL_LIVE=1 DIGITALOCEAN_ACCESS_TOKEN=… npm run test:real -- test/real/live.real.test.ts`
// shows what it costs, makes one small cluster under a name of its own, and sweeps afterwards, whatever happened.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { CostResult } from '../../cli/operations/cost.ts';
import { PACKAGE } from '../support/platform.ts';
import { isLive } from '../support/live.ts';

const live = isLive(process.env);
const HOUR = 3600_000;
/** Everything that it makes carries this name, so that sweep knows it. */
const PLATFORM = `todoctl-live-${randomBytes(3).toString('hex')}`;
let folder: string;

if (live !== true) process.stderr.write(`skipped: the test against the real DigitalOcean (${live})\n`);

interface Said {
  exit: number | null;
  stdout: string;
}

/** What goes on is told as it goes on: a person watches, and pays. */
async function todoctl(...args: string[]): Promise<Said> {
  const { PATH, HOME, DIGITALOCEAN_ACCESS_TOKEN } = process.env;
  const child = spawn(process.execPath, [path.join(PACKAGE, 'bin/dev.js'), ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'], env: { PATH, HOME, DIGITALOCEAN_ACCESS_TOKEN } });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, stdout };
}

describe.skipIf(live !== true)('the real DigitalOcean', { timeout: HOUR }, () => {
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'todoctl-live-'));
    const live = { provider: 'digitalocean', region: 'nyc3', nodes: { size: 's-2vcpu-4gb', count: 1 }, kafka: { brokers: 1 }, auth: { jwks: 'https://id.example.com/keys' } };
    await writeFile(path.join(folder, 'todoctl.yaml'), stringify({ platform: PLATFORM, topics: {}, services: {}, environments: { live } }));
  });
  afterAll(async () => {
    const { exit, stdout } = await todoctl('sweep', '--platform', PLATFORM, '--yes');
    process.stderr.write(stdout);
    await rm(folder, { recursive: true, force: true });
    expect(exit, `something of ${PLATFORM} is left: run todoctl sweep --platform ${PLATFORM}`).toBe(0);
  }, HOUR);

  test('a cluster is made, found again, signed in to and deleted', async () => {
    const bill = JSON.parse((await todoctl('cost', '--env', 'live', '--json')).stdout) as CostResult;
    process.stderr.write(`${PLATFORM} costs $${bill.hourly} an hour; what is made goes in half an hour\n`);
    expect((await todoctl('cluster', 'create', '--env', 'live', '--yes')).exit).toBe(0);
    expect(JSON.parse((await todoctl('cluster', 'create', '--env', 'live', '--yes', '--json')).stdout)).toMatchObject({ changed: 0 });
    expect(JSON.parse((await todoctl('cluster', 'show', '--env', 'live', '--json')).stdout)).toMatchObject({ platform: PLATFORM, state: 'running', ha: false });
    expect((await todoctl('teardown', '--env', 'live', '--yes')).exit).toBe(0);
  });
});
