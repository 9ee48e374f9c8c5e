import { beforeEach, describe, expect, test } from 'vitest';
import { Cluster } from '../../../../cli/kafka/cluster.ts';
import { beginnings, ends, leaderOf, offsetsSince, partitionKey } from '../../../../cli/kafka/offsets.ts';
import { type Span, spansOf, type Start } from '../../../../cli/operations/events/starts.ts';
import { partitionsOf, selectTopics, topicNamed } from '../../../../cli/operations/events/select-topics.ts';
import { ScriptedCluster } from '../../kafka/scripted-broker.ts';

let kafka: ScriptedCluster;
let cluster: Cluster;
const partitions = [0, 1].map((partition) => ({ topic: 'orders', partition }));

beforeEach(() => {
  // orders/0 holds offsets 2 to 5 at times 1000 to 4000 (retention took 0 and 1), orders/1 is empty.
  kafka = new ScriptedCluster([1, 2]).topic('orders', [1, 2]).topic('order-log', [1]).topic('__internal', [1]);
  for (let number = 0; number < 6; number++) kafka.append('orders', 0, [`${number}`], { timestamp: (number - 1) * 1000 });
  kafka.log('orders', 0).beginning = 2;
  cluster = new Cluster(kafka.access);
});

describe('where reading starts and stops', () => {
  const spans = async (start: Start, bounds: { follow?: boolean; until?: number } = {}): Promise<string[]> => {
    const found = await spansOf(cluster, partitions, start, { follow: false, ...bounds });
    return found.map(({ partition, offset, until }: Span) => `${partition}: ${offset} to ${until}`);
  };

  test.each<[Start, string[]]>([
    [{ at: 'beginning' }, ['0: 2 to 6', '1: 0 to 0']],
    [{ at: 'end' }, ['0: 6 to 6', '1: 0 to 0']],
    [{ at: 'last', count: 3 }, ['0: 6 to 6', '1: 0 to 0']],
    [{ at: 'offset', offset: 4 }, ['0: 4 to 6', '1: 0 to 0']],
    // What is not there (any more, or yet) is not asked for.
    [{ at: 'offset', offset: 0 }, ['0: 2 to 6', '1: 0 to 0']],
    [{ at: 'offset', offset: 99 }, ['0: 6 to 6', '1: 0 to 0']],
    [{ at: 'time', time: 2500 }, ['0: 4 to 6', '1: 0 to 0']],
    [{ at: 'time', time: 9999 }, ['0: 6 to 6', '1: 0 to 0']],
  ])('%j', async (start, expected) => {
    expect(await spans(start)).toEqual(expected);
  });

  test('following never stops', async () => {
    expect(await spans({ at: 'end' }, { follow: true })).toEqual(['0: 6 to Infinity', '1: 0 to Infinity']);
  });

  test('a time to stop at is the first record as new as that', async () => {
    expect(await spans({ at: 'beginning' }, { until: 3000 })).toEqual(['0: 2 to 4', '1: 0 to 0']);
    expect(await spans({ at: 'beginning' }, { until: 9999 })).toEqual(['0: 2 to 6', '1: 0 to 0']);
  });
});

describe('offsets', () => {
  test('come from each partition’s leader', async () => {
    kafka.append('orders', 1, ['x']);
    expect([...(await ends(cluster, partitions))]).toEqual([['orders/0', 6], ['orders/1', 1]]);
    expect(kafka.heard.filter((line) => line.includes('ListOffsets')).sort()).toEqual(['1 ListOffsets', '2 ListOffsets']);
  });

  test('of nothing ask nobody', async () => {
    expect((await beginnings(cluster, [])).size).toBe(0);
    expect(kafka.heard).toEqual([]);
  });

  test('are asked again when the leader has moved meanwhile', async () => {
    let moved = false;
    kafka.script = ({ api }) => {
      // Between the metadata and the question.
      if (api === 2 && !moved) {
        moved = true;
        kafka.log('orders', 0).leader = 2;
      }
      return undefined;
    };
    expect((await ends(cluster, partitions)).get('orders/0')).toBe(6);
  });

  test('that nobody can answer are an error', async () => {
    kafka.log('orders', 1).leader = -1;
    await expect(ends(cluster, partitions)).rejects.toThrow('orders/1: LEADER_NOT_AVAILABLE');
  });

  test('since a time newer than all are the end', async () => {
    expect((await offsetsSince(cluster, partitions, 1e12)).get('orders/0')).toBe(6);
  });

  test('a leader is found by topic and partition', async () => {
    const metadata = await cluster.metadata(['orders']);
    expect([0, 1, 2].map((partition) => leaderOf(metadata, { topic: 'orders', partition }))).toEqual([1, 2, undefined]);
    expect(partitionKey({ topic: 'orders', partition: 1 })).toBe('orders/1');
  });
});

describe('topics', () => {
  const names = async (...wanted: string[]): Promise<string[]> => (await selectTopics(cluster, wanted)).map(({ name }) => name);

  test.each([
    [['orders'], ['orders']],
    [['order*'], ['orders', 'order-log']],
    [['order?log', 'orders'], ['orders', 'order-log']],
    [['orders', 'order*'], ['orders', 'order-log']],
    [['orders', 'orders'], ['orders']],
    [['*'], ['orders', 'order-log']],
    [['__*'], []],
    [['__internal'], ['__internal']],
    [['zzz*'], []],
  ])('%j', async (wanted, expected) => {
    expect((await names(...wanted)).sort()).toEqual([...expected].sort());
  });

  test('that are named exactly are asked for alone', async () => {
    await names('orders');
    expect(kafka.heard.at(-1)).toBe('1 Metadata orders');
  });

  test('one of several that is unknown is refused', async () => {
    await expect(names('orders', 'ordrs')).rejects.toThrow('has no topic ordrs. Did you mean orders?');
  });

  test('a glob is no name to publish to', async () => {
    await expect(topicNamed(cluster, 'order*')).rejects.toMatchObject({ code: 'TODOCTL_TOPIC_UNKNOWN' });
    expect((await topicNamed(cluster, 'orders')).partitions).toHaveLength(2);
  });

  test('have partitions, all or one', async () => {
    const found = await selectTopics(cluster, ['orders']);
    expect(partitionsOf(found)).toEqual(partitions);
    expect(partitionsOf(found, 1)).toEqual([partitions[1]]);
    expect(() => partitionsOf(found, 2)).toThrow('Topic orders has no partition 2; it has 0 to 1');
  });
});
