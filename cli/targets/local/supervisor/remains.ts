import { setTimeout as sleep } from 'node:timers/promises';
import { findMarked } from './marks.ts';
import { answers } from './probe.ts';

const VANISH_MS = 2000;
const LOOK_MS = 20;

/** Kills what still bears the mark of a state directory (a grandchild that left its group), and names what could not be ended. */
export async function endStrays(stateDir: string): Promise<string[]> {
  const deadline = Date.now() + VANISH_MS;
  for (;;) {
    const left = findMarked(stateDir);
    if (left.length === 0) return [];
    if (Date.now() > deadline) return left.map(({ pid, name }) => `process ${pid} of ${name} is still there`);
    for (const { pid } of left) kill(pid);
    await sleep(LOOK_MS);
  }
}

/** Names the ports that still answer; a port is free at once when its process is gone. */
export async function heldPorts(ports: readonly number[]): Promise<string[]> {
  const held = await Promise.all(ports.map(async (port) => ((await answers({ host: '127.0.0.1', port })) ? [port] : [])));
  return held.flat().map((port) => `port ${port} is still held`);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already, or not ours to end: the next look tells.
  }
}
