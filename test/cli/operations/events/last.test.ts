import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Cluster } from '../../../../cli/kafka/cluster.ts';
import { lastEvents } from '../../../../cli/operations/events/last.ts';
import { spansOf } from '../../../../cli/operations/events/starts.ts';
import { ScriptedCluster } from '../../kafka/scripted-broker.ts';

interface Written {
  partition: number;
  offset: number;
  timestamp: number;
}

const batches = fc.array(
  fc.record({ partition: fc.nat(1), gap: fc.oneof(fc.nat(5), fc.nat(400)), deltas: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 5 }), control: fc.boolean() }),
  { maxLength: 12 },
);

/** Two partitions with gaps of compaction and ends of transactions; time grows from batch to batch. */
function written(all: readonly { partition: number; gap: number; deltas: number[]; control: boolean }[]): { kafka: ScriptedCluster; records: Written[] } {
  const kafka = new ScriptedCluster().topic('t', [1, 1]);
  const records: Written[] = [];
  for (const [index, { partition, gap, deltas, control }] of all.entries()) {
    const baseOffset = kafka.log('t', partition).end + gap;
    const sorted = [0, ...deltas.sort((a, b) => a - b)];
    const timestamp = 1000 + index;
    kafka.append('t', partition, sorted.map((delta) => `${baseOffset + delta}`), { baseOffset, deltas: sorted, control, timestamp });
    if (!control) records.push(...sorted.map((delta) => ({ partition, offset: baseOffset + delta, timestamp })));
  }
  return { kafka, records };
}

test('are the last N real records, whatever gaps lie between them', async () => {
  await fc.assert(
    fc.asyncProperty(batches, fc.nat(12), fc.boolean(), async (all, count, even) => {
      const { kafka, records } = written(all);
      await using cluster = new Cluster(kafka.access);
      const partitions = [0, 1].map((partition) => ({ topic: 't', partition }));
      const spans = await spansOf(cluster, partitions, { at: 'last', count }, { follow: false });
      const filter = even ? ({ record }: { record: { offset: number } }) => record.offset % 2 === 0 : undefined;
      const found = await lastEvents(cluster, spans, count, { filter, signal: new AbortController().signal });
      const expected = records
        .filter(({ offset }) => !even || offset % 2 === 0)
        .sort((a, b) => a.timestamp - b.timestamp || a.partition - b.partition || a.offset - b.offset)
        .slice(records.length === 0 || count === 0 ? Infinity : -count);
      expect(found.map(({ partition, record }) => ({ partition, offset: record.offset, timestamp: record.timestamp }))).toEqual(expected);
      // They outlive the frame that they came in.
      expect(found.map(({ text }) => text)).toEqual(expected.map(({ offset }) => String(offset)));
    }),
    { numRuns: 80 },
  );
});

test('reads only what it needs of a long topic', async () => {
  const kafka = new ScriptedCluster().topic('t', [1]);
  for (let number = 0; number < 200; number++) kafka.append('t', 0, [`${number}`]);
  await using cluster = new Cluster(kafka.access);
  const spans = await spansOf(cluster, [{ topic: 't', partition: 0 }], { at: 'last', count: 3 }, { follow: false });
  const found = await lastEvents(cluster, spans, 3, { filter: undefined, signal: new AbortController().signal });
  expect(found.map(({ text }) => text)).toEqual(['197', '198', '199']);
  expect(kafka.heard.filter((line) => line.includes('Fetch'))).toEqual(['1 Fetch t/0@197', '1 Fetch t/0@198', '1 Fetch t/0@199']);
});
