import type { Io } from '../../io/io.ts';
import type { Lag } from '../../operations/events/lag.ts';
import { palette } from '../../ui/palette.ts';
import { count, thousands } from './count.ts';
import { table } from './table.ts';

/** One line per group, topic and partition, the sum of each group and topic on its first line. */
export function lagText({ groups, total }: Lag, io: Pick<Io, 'colour'>): string {
  const { dim, good, warn } = palette(io);
  if (groups.length === 0) return 'No consumer group has committed an offset yet.\n';
  const rows = groups.flatMap(({ group, topic, state, members, lag, partitions }) =>
    partitions.map(({ partition, committed, end, lag: behind }, index) => {
      const head = index === 0 ? [group, state, String(members), topic, thousands(lag)] : ['', '', '', '', ''];
      return [...head, String(partition), String(committed), String(end), thousands(behind)];
    }),
  );
  const heads = ['GROUP', 'STATE', 'MEMBERS', 'TOPIC', 'TOTAL', 'PARTITION', 'COMMITTED', 'END', 'LAG'];
  const verdict = total === 0 ? good('Nothing lags behind.') : warn(`${count(total, 'event')} behind.`);
  return `${table(heads, rows, ['MEMBERS', 'TOTAL', 'PARTITION', 'COMMITTED', 'END', 'LAG'], dim)}\n${verdict}\n`;
}
