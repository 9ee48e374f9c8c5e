import type { Io } from '../io/io.ts';
import type { ScaleResult } from '../operations/scale.ts';
import { palette } from '../ui/palette.ts';
import { environmentFlag } from './deploy.ts';

/** How many there are now, and for how long. */
export function scaleText({ environment, service, min, max, changed, dryRun, seconds }: ScaleResult, io: Pick<Io, 'colour'>): string {
  const { good, warn, dim, bold } = palette(io);
  const bounds = min === max ? `${min} ${min === 1 ? 'replica' : 'replicas'}` : `${min} to ${max} replicas`;
  if (dryRun) return changed === 0 ? `${good('Nothing')} would change: ${service} has ${bounds}\n` : `${warn('Would scale')}  ${bold(service)} to ${bounds}\n`;
  const did = changed === 0 ? ', as before' : ` in ${seconds} s`;
  return `${good('Scaled')}  ${bold(service)} has ${bounds}${dim(did)}\nThe next todoctl deploy${environmentFlag(environment)} sets what todoctl.yaml says: write it there to keep it.\n`;
}
