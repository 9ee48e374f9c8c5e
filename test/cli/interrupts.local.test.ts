// Ctrl-C and a command that hangs, in a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';

const script = path.join(import.meta.dirname, 'hanging-command.ts');

interface Hanging {
  child: ChildProcess;
  /** What was said so far. */
  heard(): { stdout: string; stderr: string };
  /** Waits until a stream has said this. */
  says(text: string): Promise<void>;
  /** Exit code, and milliseconds since `from`. */
  ended(from: number): Promise<{ code: number | null; ms: number }>;
}

let hanging: Hanging;
afterEach(() => void hanging.child.kill('SIGKILL'));

async function hang(how: string, ...argv: string[]): Promise<Hanging> {
  const child = spawn(process.execPath, [script, ...argv], { env: { HANG: how }, stdio: ['ignore', 'pipe', 'pipe'] });
  const heard = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => { heard.stdout += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { heard.stderr += chunk.toString(); });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const says = async (text: string): Promise<void> => {
    while (!(heard.stdout + heard.stderr).includes(text)) await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), closed.then(() => { throw new Error(`ended without saying ${text}: ${heard.stderr}`); })]);
  };
  await says('ready');
  return {
    child,
    heard: () => heard,
    says,
    ended: async (from) => {
      const [code] = await closed;
      return { code, ms: performance.now() - from };
    },
  };
}

/** Signals that come one right after the other are one signal; the first is waited for. */
async function firstInterrupt(): Promise<void> {
  hanging.child.kill('SIGINT');
  await hanging.says('Ctrl-C again leaves at once');
}

describe('a command that hangs', () => {
  test('goes on after the first Ctrl-C, and says how to leave', async () => {
    hanging = await hang('always');
    await firstInterrupt();
    expect(hanging.child.exitCode).toBeNull();
    expect(hanging.heard()).toEqual({ stdout: 'ready\n', stderr: 'Finishing what is under way. Ctrl-C again leaves at once.\n' });
  });

  test('is ended by the second within about two seconds, with 130 and what is unknown', async () => {
    hanging = await hang('always');
    await firstInterrupt();
    const from = performance.now();
    hanging.child.kill('SIGINT');
    const { code, ms } = await hanging.ended(from);
    expect(code).toBe(130);
    expect(ms).toBeGreaterThan(1500);
    expect(ms).toBeLessThan(4000);
    expect(hanging.heard().stderr).toContain('Error Left; how todoctl hang ended is unknown');
    expect(hanging.heard().stderr).toContain('TODOCTL_OUTCOME_UNKNOWN');
  });

  test('says so as JSON with --json', async () => {
    hanging = await hang('always', '--json');
    await firstInterrupt();
    hanging.child.kill('SIGTERM');
    expect((await hanging.ended(0)).code).toBe(130);
    expect(JSON.parse(hanging.heard().stdout.replace('ready\n', ''))).toMatchObject({ error: { code: 'TODOCTL_OUTCOME_UNKNOWN' } });
  });
});

describe('work that a command leaves behind', () => {
  test('does not keep the process after an error', async () => {
    hanging = await hang('after its error');
    expect((await hanging.ended(0)).code).toBe(5);
    expect(hanging.heard().stderr).toContain('TODOCTL_STEP_TIMED_OUT');
    expect(hanging.heard().stderr).not.toContain('TODOCTL_OUTCOME_UNKNOWN');
  });

  test('does not keep it after the second Ctrl-C either; what the command ended with stands', async () => {
    hanging = await hang('after it stopped');
    hanging.child.kill('SIGINT');
    // It has ended by itself; only its timer still turns.
    const again = setInterval(() => hanging.child.kill('SIGINT'), 200);
    const { code } = await hanging.ended(0).finally(() => clearInterval(again));
    expect(code).toBe(0);
    expect(hanging.heard()).toEqual({ stdout: 'ready\n', stderr: '' });
  });
});
