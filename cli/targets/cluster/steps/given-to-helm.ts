import { createHash } from 'node:crypto';
import type { ChartSource } from '../helm.ts';
import type { ReleaseRecord } from '../helm-records.ts';

/** Label of a release's record. */
const GIVEN = 'todoctl.io/given';
/** Of 160 bits; a label has room for 63 characters. */
const HASH = 40;

/**
 * Says in the record of a release, where it is seen without being read, with which chart and values it was installed, and as which
 * revision. Helm hands labels on from one revision to the next: what somebody else has upgraded since, or rolled back, is of another.
 */
export function givenLabel(source: ChartSource, values: string, revision: number): Record<string, string> {
  const hash = createHash('sha256').update(JSON.stringify([source.chart, source.repository, source.version, values])).digest('hex').slice(0, HASH);
  return { [GIVEN]: `${hash}.${revision}` };
}

/** True where the newest record says so itself. False is no difference: then what is in it must be read. */
export function isAsGiven(newest: ReleaseRecord | undefined, source: ChartSource, values: string): boolean {
  if (newest?.status !== 'deployed') return false;
  return newest.labels[GIVEN] === givenLabel(source, values, newest.revision)[GIVEN];
}
