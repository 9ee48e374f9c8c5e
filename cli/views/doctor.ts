import type { Io } from '../io/io.ts';
import type { DoctorResult, Finding } from '../operations/doctor.ts';
import { palette } from '../ui/palette.ts';
import { wrap } from '../ui/wrap.ts';

/** Each check with its result, and under a failed one what to do. */
export function doctorText({ environment, ok, deployed, checks }: DoctorResult, io: Pick<Io, 'colour' | 'columns'>): string {
  const { good, bad } = palette(io);
  const failed = checks.filter((check) => !check.ok).length;
  const last = ok ? good(deployed ? 'Everything is fine' : `Nothing of ${environment} runs; all that a deploy needs is there`) : bad(`${failed} of ${checks.length} checks failed`);
  return `${[...checks.flatMap((check) => findingLines(check, io)), '', last].join('\n')}\n`;
}

function findingLines({ title, ok, code, message, details = [], next = [] }: Finding, io: Pick<Io, 'colour' | 'columns'>): string[] {
  const { good, bad, dim } = palette(io);
  if (ok) return [`${good('ok')}      ${title}`];
  const indent = ' '.repeat('failed  '.length);
  return [wrap(`${title}: ${message} ${dim(`(${code})`)}`, io.columns, `${bad('failed')}  `), ...[...details, ...next].map((line) => wrap(line, io.columns, indent))];
}
