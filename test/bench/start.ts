import path from 'node:path';
import { type Figure, figureOf, interleave } from './pairs.ts';
import { timeProcess } from './time-process.ts';

const todoctl = path.resolve(import.meta.dirname, '../../bin/run.js');
const COMMANDS = [['--version'], ['--help'], ['deploy', '--help'], ['explain', 'TODOCTL_BUG']];

/** What a person waits for before a word is on the screen, against Node alone. */
export async function benchStart(pairs: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const argv of COMMANDS) {
    // Once before, so that the compile cache is there, as it is from the second run of a new version on.
    await timeProcess(process.execPath, [todoctl, ...argv]);
    const times = await interleave({
      pairs,
      subject: () => timeProcess(process.execPath, [todoctl, ...argv]),
      reference: () => timeProcess(process.execPath, ['-e', '0']),
    });
    figures.push(figureOf({ name: `todoctl ${argv.join(' ')}`, reference: 'node -e 0', goal: '≤ 2.5', as: 'time', meets: (ratio) => ratio <= 2.5 }, times));
  }
  return figures;
}

if (import.meta.main) {
  for (const { name, ratio, spread, subjectMs, referenceMs, pairs } of await benchStart(15)) {
    process.stdout.write(`${JSON.stringify({ name, ratio, median: subjectMs, reference: referenceMs, spread, pairs })}\n`);
  }
}
