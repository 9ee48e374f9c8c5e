import { describe, expect, test } from 'vitest';
import type { Span, Start } from '../../../../cli/operations/events/starts.ts';
import type { TailTalk } from '../../../../cli/operations/events/tail.ts';
import { tailEndText, tailTalkText } from '../../../../cli/views/events/tail.ts';

const plain = { colour: false };
const span = (topic: string, partition: number, offset = 0): Span => ({ topic, partition, offset, until: Infinity, beginning: 0, end: 100 });
const reading = (spans: Span[], start: Start, more: Partial<Extract<TailTalk, { kind: 'reading' }>> = {}): string =>
  tailTalkText({ kind: 'reading', where: 'local (127.0.0.1:9092)', spans, topics: ['task-*'], start, follow: true, ...more }, plain);

describe('what is read', () => {
  const one = [span('a', 0)];

  test.each([
    [one, 'a (partition 0)'],
    [[span('a', 0), span('a', 1), span('a', 2)], 'a (partitions 0-2)'],
    [[span('a', 0), span('a', 2), span('a', 3), span('a', 7)], 'a (partitions 0, 2-3, 7)'],
    [[span('a', 0), span('b', 1)], 'a (partition 0) and b (partition 1)'],
    [[span('a', 0), span('b', 1), span('c', 0)], 'a (partition 0), b (partition 1) and c (partition 0)'],
  ])('is named briefly: %#', (spans, places) => {
    expect(reading(spans, { at: 'end' })).toBe(`Following ${places} of Kafka at local (127.0.0.1:9092) from the end; Ctrl-C ends\n`);
  });

  test.each<[Start, string]>([
    [{ at: 'beginning' }, 'from the beginning'],
    [{ at: 'end' }, 'from the end'],
    [{ at: 'last', count: 10 }, 'from the last 10 on'],
    [{ at: 'offset', offset: 5 }, 'from offset 5 (0@5 1@3)'],
    [{ at: 'time', time: 0 }, 'since 1970-01-01T00:00:00.000Z (0@5 1@3)'],
  ])('says where it starts: %j', (start, text) => {
    expect(reading([span('a', 0, 5), span('a', 1, 3)], start)).toContain(` ${text}; Ctrl-C ends\n`);
  });

  test('says where it stops', () => {
    expect(reading(one, { at: 'beginning' }, { follow: false })).toMatch(/^Reading a .*; to the end\n$/);
    expect(reading(one, { at: 'end' }, { until: 0 })).toMatch(/^Following a .*; until 1970-01-01T00:00:00.000Z\n$/);
  });

  test('can be nothing', () => {
    expect(reading([], { at: 'end' })).toBe('No topic matches task-* yet; waiting for one\n');
    expect(reading([], { at: 'end' }, { follow: false })).toBe('No topic matches task-*\n');
  });
});

describe('what happens meanwhile', () => {
  test.each<[TailTalk, string]>([
    [{ kind: 'found', topic: 'a', partition: 3 }, 'Found a/3, made meanwhile; reading it from its beginning\n'],
    [{ kind: 'lost', why: 'b:1 closed the connection' }, 'Lost the broker (b:1 closed the connection); trying again\n'],
    [{ kind: 'back' }, 'The broker is back; going on where reading stopped\n'],
    [{ kind: 'skipped', topic: 'a', partition: 0, from: 5, to: 9 }, 'a/0: offsets 5 to 8 are gone (retention took them); going on at 9\n'],
    [{ kind: 'skipped', topic: 'a', partition: 0, from: 5, to: 0 }, 'a/0: offset 5 does not exist any more (the topic was made anew); going on at 0\n'],
  ])('%j', (talk, text) => {
    expect(tailTalkText(talk, plain)).toBe(text);
  });
});

test.each([
  ['end', '3 events seen; ended: the end\n'], ['limit', '3 events seen; ended: the limit\n'], ['until', '3 events seen; ended: the time of --until\n'],
  ['interrupted', '3 events seen; ended: you stopped it\n'], ['closed', '3 events seen; ended: the reader of the output ended\n'],
] as const)('how it ended: %s', (ended, text) => {
  expect(tailEndText({ seen: 3, ended }, plain)).toBe(text);
});
