import { describe, expect, it } from 'vitest';
import { cloudEventSchema } from '../../../services/contracts/cloud-event.ts';
import type { BulkEntry } from '../../../services/kit/dapr.ts';
import { DaprError } from '../../../services/kit/dapr-error.ts';
import { deadLetterEvent, publishDeadLetter, type DeadLetter } from '../../../services/kit/dead-letter.ts';

const NOW = new Date('2026-11-21T10:00:00.000Z');
const letter: DeadLetter = {
  reason: 'poison',
  detail: 'Poison: no',
  attempts: 2,
  consumer: 'audit',
  origin: { topic: 'task-events', partition: 1, offset: 7, key: 'task-1' },
  trace: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true },
  original: { specversion: '1.0', id: 'e1', subject: 'task-1' },
};
const idOf = (more: Partial<DeadLetter>) => deadLetterEvent({ ...letter, ...more }, NOW).id;

describe('a dead letter', () => {
  it('is a CloudEvent itself, under the key of its original', () => {
    const event = deadLetterEvent(letter, NOW);
    expect(cloudEventSchema.safeParse(event).success).toBe(true);
    expect(event).toMatchObject({ partitionkey: 'task-1', subject: 'task-1', source: 'todo/audit', time: '2026-11-21T10:00:00.000Z' });
  });

  it('is a CloudEvent also when nothing is known of its original', () => {
    for (const original of [undefined, null, 7, 'text', [], {}, { subject: 7 }, Buffer.from('bytes')]) {
      const event = deadLetterEvent({ ...letter, original, origin: { topic: 't' } }, NOW);
      expect(cloudEventSchema.safeParse(JSON.parse(JSON.stringify(event))).error).toBeUndefined();
    }
  });

  it('has one id for one place and consumer, whatever the reason and the time, and another for any other', () => {
    expect(idOf({ reason: 'exhausted', attempts: 9, detail: 'x' })).toBe(idOf({}));
    const ids = [idOf({}), idOf({ consumer: 'mailer' }), idOf({ origin: { ...letter.origin, offset: 8 } }), idOf({ origin: { ...letter.origin, partition: 2 } }), idOf({ original: { id: 'e2' } })];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('goes to the dead-letter topic of its origin', async () => {
    const sent: { topic: string; entries: readonly BulkEntry[] }[] = [];
    const publishBulk = async (topic: string, entries: readonly BulkEntry[]) => {
      sent.push({ topic, entries });
      return [];
    };
    await publishDeadLetter({ publishBulk }, letter, NOW);
    expect(sent).toMatchObject([{ topic: 'task-events.dlq', entries: [{ key: 'task-1', event: { type: 'todo.dead-letter.v1' } }] }]);
  });

  it('that is not taken is an error', async () => {
    const publishBulk = async () => [{ index: 0, error: 'broker away' }];
    await expect(publishDeadLetter({ publishBulk }, letter)).rejects.toThrow(DaprError);
  });
});
