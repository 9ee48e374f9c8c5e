import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../cli/io/clock.ts';
import { createPartitions, createTopics } from '../../../../cli/kafka/apis/topics.ts';
import { joinConsumerGroup, type GroupMember } from '../../../../cli/sidecar/kafka/group-member.ts';
import type { Claim } from '../../../../cli/sidecar/kafka/session.ts';
import { jsonLog } from '../../../../cli/io/json-log.ts';
import { Client, tcpAccess, values } from '../../../contract/kafka/client.ts';
import { startEmbedded, type EmbeddedKafka } from '../../../contract/kafka/embedded.ts';
import { until } from '../../../support/until.ts';

let kafka: EmbeddedKafka;
let client: Client;
const members: GroupMember[] = [];

beforeAll(async () => {
  kafka = await startEmbedded();
  client = await Client.dial(kafka.bootstrap);
});
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.stop()));
});
afterAll(async () => {
  client.close();
  await kafka.stop();
});

interface Consumer {
  seen: string[];
  member: GroupMember;
}

/** A member that marks what it sees, unless `consume` says otherwise. */
function join(group: string, topics: string[], consume?: (claim: Claim, seen: string[]) => Promise<void>): Consumer {
  const seen: string[] = [];
  const all = async (claim: Claim): Promise<void> => {
    for (;;) {
      const records = await claim.take(10, 0);
      if (records.length === 0) return;
      for (const record of records) {
        seen.push(record.value?.toString() ?? '');
        claim.mark(record);
      }
    }
  };
  const member = joinConsumerGroup({
    access: tcpAccess(kafka.bootstrap),
    group,
    topics,
    initial: 'oldest',
    sessionTimeoutMs: 6000,
    heartbeatMs: 200,
    consume: (claim) => (consume ? consume(claim, seen) : all(claim)),
    clock: systemClock,
    log: jsonLog({ name: 'sidecar', level: 'error', write: () => undefined }),
  });
  members.push(member);
  return { seen, member };
}

const leave = async ({ member }: Consumer): Promise<void> => {
  members.splice(members.indexOf(member), 1);
  await member.stop();
};
const saw = (consumers: Consumer[], texts: string[]): Promise<unknown> =>
  until(`${texts.length} records`, async () => texts.every((text) => consumers.some(({ seen }) => seen.includes(text))));

describe('a member of a consumer group', () => {
  it('begins where the group has committed', async () => {
    const [topic, group] = [await client.newTopic(1), randomUUID()];
    await client.produce(topic, values('a', 'b'));
    const first = join(group, [topic]);
    await saw([first], ['a', 'b']);
    await leave(first);
    await client.produce(topic, values('c'));
    const second = join(group, [topic]);
    await saw([second], ['c']);
    expect(second.seen).toEqual(['c']);
  });

  it('does not commit what was not marked', async () => {
    const [topic, group] = [await client.newTopic(1), randomUUID()];
    await client.produce(topic, values('a', 'b', 'c'));
    const careless = join(group, [topic], async (claim, seen) => {
      const [first, second] = await claim.take(3, 0);
      if (first) claim.mark(first);
      seen.push(second?.value?.toString() ?? '');
      await claim.take(1, 0);
    });
    await saw([careless], ['b']);
    await leave(careless);
    const careful = join(group, [topic]);
    await saw([careful], ['b', 'c']);
    expect(careful.seen).toEqual(['b', 'c']);
  });

  it('goes on when the broker comes back, and skips nothing', async () => {
    const [topic, group] = [await client.newTopic(2), randomUUID()];
    await client.produce(topic, values('before'));
    const consumer = join(group, [topic]);
    await saw([consumer], ['before']);
    await kafka.restart();
    client.close();
    client = await Client.dial(kafka.bootstrap);
    await client.produce(topic, values('after'), { partition: 1 });
    await saw([consumer], ['after']);
    expect(consumer.seen.filter((text) => text === 'after')).toHaveLength(1);
  });

  it('finds a topic that is made after it has joined, and partitions that are added', async () => {
    const topic = `later-${randomUUID()}`;
    const consumer = join(randomUUID(), [topic]);
    await client.connection.call(createTopics, { topics: [{ name: topic, partitions: 1 }], timeoutMs: 5000 });
    await client.hasLeaders(topic, 1);
    await client.produce(topic, values('found'));
    await saw([consumer], ['found']);
    await client.connection.call(createPartitions, { topics: [{ topic, partitions: 2 }], timeoutMs: 5000 });
    await client.hasLeaders(topic, 2);
    await client.produce(topic, values('added'), { partition: 1 });
    await saw([consumer], ['added']);
  });

  it('hands a partition over only when the delivery under way is finished', async () => {
    const [topic, group] = [await client.newTopic(2), randomUUID()];
    for (const partition of [0, 1]) await client.produce(topic, values(`p${partition}-a`, `p${partition}-b`), { partition });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const events: string[] = [];
    const stops: AbortSignal[] = [];
    const slow = join(group, [topic], async (claim) => {
      stops.push(claim.stop);
      for (;;) {
        const [record] = await claim.take(1, 0);
        if (!record) return;
        const text = record.value?.toString() ?? '';
        events.push(`slow takes ${text}`);
        if (text.endsWith('-a')) await held;
        events.push(`slow ends ${text}`);
        claim.mark(record);
      }
    });
    await until('both partitions', async () => events.length === 2);
    const second = join(group, [topic]);
    await until('the rebalance to reach the slow member', () => stops.length === 2 && stops.every(({ aborted }) => aborted));
    release();
    // One of the two partitions is the second member's now, which one is the group's affair.
    await until('the second member to see something', () => second.seen.length > 0);
    await until('the slow one to go on with the other', () => events.some((event) => /^slow ends p.-b$/.test(event)));
    // What the slow member was at work on when the group rebalanced is done and committed: nobody does it again.
    expect(second.seen).toHaveLength(1);
    expect(second.seen[0]).toMatch(/-b$/);
    expect(events.filter((event) => event.startsWith('slow takes') && event.endsWith('-a'))).toHaveLength(2);
    await leave(slow);
  });

  it('leaves at once, even while it waits for others', async () => {
    const topic = await client.newTopic(1);
    const group = randomUUID();
    const started = performance.now();
    for (let n = 0; n < 5; n++) {
      const consumer = join(group, [topic]);
      await leave(consumer);
    }
    expect(performance.now() - started).toBeLessThan(10_000);
    await client.produce(topic, values('still works'));
    await saw([join(group, [topic])], ['still works']);
  });

  it('waits for a broker that is not there yet, and stops when it is told to', async () => {
    const member = joinConsumerGroup({
      access: tcpAccess('127.0.0.1:1'), group: 'nobody', topics: ['t'], initial: 'oldest', sessionTimeoutMs: 6000, heartbeatMs: 1000,
      consume: async () => undefined, clock: systemClock, log: jsonLog({ name: 'sidecar', level: 'error', write: () => undefined }),
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await member.stop();
  });
});
