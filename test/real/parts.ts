import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The real parts that our stand-ins are held to. CI names those that must have run. */
export const PARTS = ['kafka', 'daprd', 'kcat', 'actionlint', 'kubernetes', 'promtool', 'amtool', 'prometheus', 'helm', 'pgbouncer', 'node', 'docker', 'dapr-control-plane', 'metrics-server', 'traefik', 'kwok'] as const;
export type Part = (typeof PARTS)[number];

/** What a part's starter answers when this machine cannot have the part. */
export interface Skipped {
  skipped: string;
}

const FILE = path.resolve(import.meta.dirname, '../../.cache/real-parts.json');

/**
 * Starts a real part and writes down whether it ran. Call it at the top of a test file:
 * `const kafka = await realPart('kafka', startApacheKafka); describe.skipIf(!kafka)(…)`.
 */
export async function realPart<T extends object>(part: Part, start: () => T | Skipped | Promise<T | Skipped>): Promise<T | undefined> {
  const started = await start();
  if ('skipped' in started) {
    record(part, `skipped: ${started.skipped}`);
    return undefined;
  }
  record(part, 'ran');
  return started;
}

/** What became of each part in this run; `.cache/real-parts.json` has the same. */
export function readParts(): Partial<Record<Part, string>> {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')) as Partial<Record<Part, string>>;
  } catch {
    return {};
  }
}

export function forgetParts(): void {
  rmSync(FILE, { force: true });
}

export function writeParts(parts: Partial<Record<Part, string>>): void {
  mkdirSync(path.dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(parts, undefined, 2)}\n`);
}

// Files run one after the other, so nobody else writes meanwhile. A part that ran in one file did run, whatever another says.
function record(part: Part, outcome: string): void {
  const parts = readParts();
  if (parts[part] !== 'ran') writeParts({ ...parts, [part]: outcome });
}
