import type { Io } from '../io/io.ts';
import type { DoctorResult, Finding } from '../operations/doctor.ts';
import { palette } from '../ui/palette.ts';

/** Each check with its result, and under a failed one what to do. */
export function doctorText({ ok, checks }: DoctorResult, io: Pick<Io, 'colour'>): string {
  const { good, bad } = palette(io);
  const failed = checks.filter((check) => !check.ok).length;
  const last = ok ? good('Everything is fine') : bad(`${failed} of ${checks.length} checks failed`);
  return `${[...checks.flatMap((check) => findingLines(check, io)), '', last].join('\n')}\n`;
}

function findingLines({ title, ok, code, message, details = [], next = [] }: Finding, io: Pick<Io, 'colour'>): string[] {
  const { good, bad, dim } = palette(io);
  if (ok) return [`${good('ok')}      ${title}`];
  return [`${bad('failed')}  ${title}: ${message} ${dim(`(${code})`)}`, ...[...details, ...next].map((line) => `        ${line}`)];
}
