import type { Reporter } from 'vitest/node';
import { forgetParts, PARTS, readParts, writeParts } from './parts.ts';

/** Ends a run by saying which real parts ran and why others did not; a run in which none did has failed. */
export class PartsReporter implements Reporter {
  onInit(): void {
    forgetParts();
  }

  onTestRunEnd(): void {
    const seen = readParts();
    const parts = Object.fromEntries(PARTS.map((part) => [part, seen[part] ?? 'skipped: no test of it was run']));
    writeParts(parts);
    process.stdout.write('\nReal parts\n');
    for (const [part, outcome] of Object.entries(parts)) process.stdout.write(`  ${part.padEnd(20)}${outcome}\n`);
    if (Object.values(parts).includes('ran')) return;
    process.stdout.write('  No real part ran, so nothing was tested: this counts as failed.\n');
    process.exitCode = 1;
  }
}
