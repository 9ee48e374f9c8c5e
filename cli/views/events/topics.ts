import { formatDuration } from '../../definition/duration.ts';
import type { Io } from '../../io/io.ts';
import type { TopicRow } from '../../operations/events/topics.ts';
import { palette } from '../../ui/palette.ts';
import { thousands } from './count.ts';
import { table } from './table.ts';

/** One line per topic. */
export function topicsText(topics: readonly TopicRow[], io: Pick<Io, 'colour'>): string {
  if (topics.length === 0) return 'There is no topic yet.\n\nNext  todoctl deploy\n';
  const rows = topics.map((row) => [
    row.topic,
    String(row.partitions),
    row.key ?? '',
    retentionText(row.retentionMs),
    thousands(row.messages),
    row.groups.join(', '),
  ]);
  return table(['TOPIC', 'PARTITIONS', 'KEY', 'RETENTION', 'MESSAGES', 'GROUPS'], rows, ['PARTITIONS', 'MESSAGES'], palette(io).dim);
}

function retentionText(ms: number | null): string {
  if (ms === null) return '?';
  return ms < 0 ? 'for ever' : formatDuration(ms);
}
