import { describe, expect, test } from 'vitest';
import type { Lag } from '../../../../cli/operations/events/lag.ts';
import type { TopicRow } from '../../../../cli/operations/events/topics.ts';
import { count, thousands } from '../../../../cli/views/events/count.ts';
import { lagText } from '../../../../cli/views/events/lag.ts';
import { publishedText } from '../../../../cli/views/events/publish.ts';
import { topicsText } from '../../../../cli/views/events/topics.ts';

const plain = { colour: false };
const topic = (more: Partial<TopicRow>): TopicRow => ({ topic: 'task-events', partitions: 3, key: 'task', retentionMs: 604_800_000, messages: 0, groups: [], ...more });

describe('events topics', () => {
  test('one line per topic, numbers at the right', () => {
    const rows = [
      topic({ messages: 1_234_567, groups: ['audit', 'recurrence'] }),
      topic({ topic: 'task-events.dlq', partitions: 1, retentionMs: 2_592_000_000 }),
      topic({ topic: 'other', key: null, retentionMs: -1, messages: 7 }),
      topic({ topic: 'hidden', key: null, retentionMs: null }),
    ];
    expect(topicsText(rows, plain)).toMatchInlineSnapshot(`
      "TOPIC            PARTITIONS  KEY   RETENTION   MESSAGES  GROUPS
      task-events               3  task  7d         1,234,567  audit, recurrence
      task-events.dlq           1  task  30d                0
      other                     3        for ever           7
      hidden                    3        ?                  0
      "
    `);
  });

  test('none says what makes them', () => {
    expect(topicsText([], plain)).toBe('There is no topic yet.\n\nNext  todoctl deploy\n');
  });

  test('colours only the heads', () => {
    const [head, row] = topicsText([topic({})], { colour: true }).split('\n');
    expect(head).toBe('\u001b[2mTOPIC        PARTITIONS  KEY   RETENTION  MESSAGES  GROUPS\u001b[22m');
    expect(row).toBe('task-events           3  task  7d                0');
  });
});

describe('events lag', () => {
  const lag: Lag = {
    total: 1507,
    groups: [
      { group: 'audit', topic: 'task-events', state: 'Stable', members: 2, lag: 1500, partitions: [{ partition: 0, committed: 10, end: 1510, lag: 1500 }, { partition: 1, committed: 4, end: 4, lag: 0 }] },
      { group: 'recurrence', topic: 'task-events', state: 'Empty', members: 0, lag: 7, partitions: [{ partition: 0, committed: 1503, end: 1510, lag: 7 }] },
    ],
  };

  test('a line per partition, the sum of a group on its first', () => {
    expect(lagText(lag, plain)).toMatchInlineSnapshot(`
      "GROUP       STATE   MEMBERS  TOPIC        TOTAL  PARTITION  COMMITTED   END    LAG
      audit       Stable        2  task-events  1,500          0         10  1510  1,500
                                                               1          4     4      0
      recurrence  Empty         0  task-events      7          0       1503  1510      7

      1,507 events behind.
      "
    `);
  });

  test('says so when nobody is behind', () => {
    const [group] = lag.groups;
    if (!group) throw new Error('no group');
    expect(lagText({ total: 0, groups: [{ ...group, lag: 0, partitions: [] }] }, plain)).toMatch(/\n\nNothing lags behind\.\n$/);
  });

  test('and when nobody reads', () => {
    expect(lagText({ total: 0, groups: [] }, plain)).toBe('No consumer group has committed an offset yet.\n');
  });
});

describe('events publish', () => {
  const published = { topic: 'task-events', partition: 1, offset: 42, key: 'k1', id: 'e1', type: 'task.created.v1' };

  test('says where the event is', () => {
    expect(publishedText(published, plain)).toBe('Published task.created.v1 to task-events/1@42 id e1, key k1\n');
    expect(publishedText({ ...published, key: null }, plain)).toBe('Published task.created.v1 to task-events/1@42 id e1, no key\n');
  });
});

describe('a number', () => {
  test.each([[0, '0'], [7, '7'], [999, '999'], [1000, '1,000'], [1_234_567, '1,234,567'], [100_000, '100,000']])('%d is %s', (number, text) => {
    expect(thousands(number)).toBe(text);
    expect(thousands(number)).toBe(number.toLocaleString('en'));
  });

  test('has its noun', () => {
    expect([0, 1, 2000].map((number) => count(number, 'event'))).toEqual(['0 events', '1 event', '2,000 events']);
  });
});
