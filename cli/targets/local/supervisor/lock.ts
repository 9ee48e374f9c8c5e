import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Identity, isAlive } from '../../../io/process-identity.ts';

const TRIES = 8;

export interface Lock {
  release(): void;
  /** False when its folder was removed under it: someone else may hold it now. */
  isHeld(): boolean;
}

/**
 * Takes the lock `dir` for the process `me`. Each contender puts up a flag of its own name (O_EXCL) and only then looks
 * at the others'; whoever sees a live one takes its own down. So two can never hold it, and since a flag names pid,
 * start and boot, that of a dead owner is simply removed: no moment at which a fresh lock could be taken for a stale one.
 */
export async function takeLock(dir: string, me: Identity): Promise<Lock | { heldBy: Identity }> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const mine = path.join(dir, flagOf(me));
  let other: Identity | undefined;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      writeFileSync(mine, '', { flag: 'wx', mode: 0o600 });
    } catch {
      return { heldBy: me };
    }
    const release = (): void => { rmSync(mine, { force: true }); };
    other = liveOther(dir, me);
    if (!other) return { release, isHeld: () => existsSync(mine) };
    release();
    // Two that came at the same moment have both stepped back; the next time they come apart.
    await sleep(5 + Math.random() * 25);
  }
  return { heldBy: other ?? me };
}

function liveOther(dir: string, me: Identity): Identity | undefined {
  for (const name of readdirSync(dir)) {
    const [pid, start, boot] = name.split('.');
    if (name === flagOf(me) || !pid || !start || !boot) continue;
    const owner = { pid: Number(pid), start, boot };
    if (isAlive(owner)) return owner;
    rmSync(path.join(dir, name), { force: true });
  }
  return undefined;
}

function flagOf({ pid, start, boot }: Identity): string {
  return `${pid}.${start}.${boot}`;
}
