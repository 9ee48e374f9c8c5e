import type { Io } from '../io/io.ts';
import type { DemoResult } from '../operations/demo/demo.ts';
import type { Moment } from '../operations/demo/moment.ts';
import { palette } from '../ui/palette.ts';

/** One moment of the demo as lines of a transcript. */
export function momentText(moment: Moment, io: Pick<Io, 'colour'>): string {
  const { bold, dim, code, good } = palette(io);
  switch (moment.is) {
    case 'chapter':
      return `\n${bold(`${moment.number}/${moment.of}  ${moment.title}`)}\n${dim(moment.why)}\n\n`;
    case 'command':
      return `${code('$')} ${moment.line}\n`;
    case 'output':
      return moment.lines.map((line) => `  ${line}\n`).join('');
    case 'seen':
      return `  ${good('✓')} ${moment.what}\n`;
  }
}

export function demoText(result: DemoResult, io: Pick<Io, 'colour'>): string {
  const { bold } = palette(io);
  return `\n${bold('That was the platform')}, in ${result.seconds} s. Keep one running with \`node bin/run.js deploy\`.\n`;
}
