import { expect, it } from 'vitest';
import { pubsub, subscription } from '../resources.ts';
import { TestApp, type Received } from '../test-app.ts';
import { freePorts } from '../../../support/free-ports.ts';
import { until } from '../../../support/until.ts';
import { call, type World } from '../world.ts';

const data = ({ json }: Received): unknown => (json as { data: unknown }).data;
const numbers = (received: readonly Received[]): number[] => received.map(data).map(Number).sort((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Who gets which event: consumer groups, replicas, restarts. */
export function groupCases(world: () => World): void {
  const publishAll = async (api: string, topic: string, values: readonly unknown[]): Promise<void> => {
    const entries = values.map((event, index) => ({ entryId: String(index), event, contentType: 'application/json', metadata: { partitionKey: `key-${index % 12}` } }));
    expect((await call(`${api}/v1.0/publish/bulk/pubsub/${topic}`, { body: entries })).status).toBe(204);
  };

  it('goes on after a restart where the group had committed', async () => {
    const app = await world().app();
    const topic = await world().client.newTopic(3);
    const path = `/events/${topic}`;
    const running = await world().start([{ appId: 'resumes', podName: 'resumes-0', appPort: app.port }], [pubsub('pubsub'), subscription('resumes', topic)]);
    await publishAll(running.url, topic, upTo(30));
    await app.waitFor(path, 30);
    const again = await running.restart();
    await publishAll(again.url, topic, [30, 31, 32]);
    expect(numbers(await app.waitFor(path, 33))).toEqual(upTo(33));
    // An event that came twice would be here by now: order within a partition puts it before the last ones.
    expect(app.seen(path)).toHaveLength(33);
  });

  it('finishes the delivery that is under way when it is told to end, and does not repeat it', async () => {
    const app = await world().app();
    const topic = await world().client.newTopic(1);
    const path = `/events/${topic}`;
    let release = (): void => undefined;
    app.on(path, async (received) => {
      if (data(received) === 0) await new Promise<void>((resolve) => (release = resolve));
      return {};
    });
    const running = await world().start([{ appId: 'drains', podName: 'drains-0', appPort: app.port }], [pubsub('pubsub'), subscription('drains', topic)]);
    await publishAll(running.url, topic, [0, 1]);
    await app.waitFor(path, 1);
    const stopping = running.stop();
    setTimeout(() => release(), 300);
    await stopping;
    await running.restart();
    expect((await app.waitFor(path, 2)).map(data)).toEqual([0, 1]);
  });

  it('shares the partitions of a topic between two replicas, and gives them to the one that is left', async () => {
    const topic = await world().client.newTopic(4);
    const path = `/events/${topic}`;
    const apps = [await world().app(), await world().app()] as const;
    const documents = [pubsub('pubsub'), subscription('shares', topic)];
    const first = await world().start([{ appId: 'shares', podName: 'shares-0', appPort: apps[0].port }], documents);
    const second = await world().start([{ appId: 'shares', podName: 'shares-1', appPort: apps[1].port }], documents);
    // Each replica has its part of the topic when both have been given something.
    let sent = 0;
    for (const deadline = Date.now() + 30_000; apps.some((app) => app.seen(path).length === 0); sent += 12) {
      if (Date.now() > deadline) throw new Error('one replica got nothing');
      await publishAll(first.url, topic, upTo(12).map((n) => sent + n));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await publishAll(first.url, topic, upTo(24).map((n) => sent + n));
    sent += 24;
    await both(sent);
    const partitions = apps.map((app) => new Set(app.seen(path).slice(-6).map(({ headers }) => headers['__partition'])));
    expect([...(partitions[0] ?? [])].filter((partition) => partitions[1]?.has(partition))).toEqual([]);
    await second.stop();
    await publishAll(first.url, topic, upTo(12).map((n) => sent + n));
    await both(sent + 12);

    async function both(count: number): Promise<void> {
      await until(`${count} events arrive`, () => new Set(apps.flatMap((app) => app.seen(path).map(data))).size === count, 30_000);
    }
  });

  it('gives every event to every replica when the group is named after the replica', async () => {
    const topic = await world().client.newTopic(3);
    const path = `/events/${topic}`;
    const apps = [await world().app(), await world().app()] as const;
    const documents = [pubsub('pubsub'), pubsub('everyone', { consumerGroup: 'live-{podName}' }), subscription('live', topic, { component: 'everyone' })];
    const running = await world().start(apps.map((app, index) => ({ appId: 'live', podName: `live-${index}`, appPort: app.port })), documents);
    await publishAll(running.url, topic, upTo(12));
    for (const app of apps) expect(numbers(await app.waitFor(path, 12))).toEqual(upTo(12));
  });

  it('begins at the end of a topic where a group is new and the component says newest', async () => {
    const topic = await world().client.newTopic(1);
    const path = `/events/${topic}`;
    await world().client.produce(topic, [{ value: Buffer.from(JSON.stringify({ specversion: '1.0', id: 'old', source: 's', type: 't', data: 'old' })) }]);
    const app = await world().app();
    const running = await world().start([{ appId: 'late', podName: 'late-0', appPort: app.port }], [pubsub('pubsub', { initialOffset: 'newest' }), subscription('late', topic)]);
    for (const deadline = Date.now() + 30_000; app.seen(path).length === 0; await new Promise((resolve) => setTimeout(resolve, 100))) {
      if (Date.now() > deadline) throw new Error('nothing was delivered');
      await publishAll(running.url, topic, ['new']);
    }
    expect(new Set(app.seen(path).map(data))).toEqual(new Set(['new']));
  });

  it('serves members of one group that subscribe to different topics', async () => {
    const topics = [await world().client.newTopic(2), await world().client.newTopic(2)] as const;
    const apps = [await world().app(), await world().app()] as const;
    const group = pubsub('pubsub', { consumerGroup: 'mixed' });
    const running = await world().start([{ appId: 'mixed-a', podName: 'a', appPort: apps[0].port }], [group, subscription('mixed-a', topics[0])]);
    await publishAll(running.url, topics[0], upTo(6));
    await apps[0].waitFor(`/events/${topics[0]}`, 6);
    await world().start([{ appId: 'mixed-b', podName: 'b', appPort: apps[1].port }], [group, subscription('mixed-b', topics[1])]);
    await publishAll(running.url, topics[1], upTo(6));
    expect(numbers(await apps[1].waitFor(`/events/${topics[1]}`, 6))).toEqual(upTo(6));
    expect(apps[1].seen(`/events/${topics[0]}`)).toEqual([]);
  });

  it('waits with its deliveries until the app listens', async () => {
    const topic = await world().client.newTopic(1);
    const [port] = (await freePorts(1)) as [number];
    const running = await world().start([{ appId: 'sleeps', podName: 'sleeps-0', appPort: port }], [pubsub('pubsub'), subscription('sleeps', topic)]);
    await publishAll(running.url, topic, ['early']);
    expect((await call(`${running.url}/v1.0/healthz`)).status).toBe(500);
    const app = await TestApp.listen(port);
    try {
      expect((await app.waitFor(`/events/${topic}`, 1)).map(data)).toEqual(['early']);
    } finally {
      await running.stop();
      await app.close();
    }
  });

  it('delivers only to the apps that a subscription names', async () => {
    const topic = await world().client.newTopic(1);
    const [wanted, other] = [await world().app(), await world().app()];
    const apps = [{ appId: 'in-scope', podName: 'a', appPort: wanted.port }, { appId: 'out-of-scope', podName: 'b', appPort: other.port }];
    const running = await world().start(apps, [pubsub('pubsub'), subscription('in-scope', topic)]);
    await publishAll(running.url, topic, [1, 2]);
    await wanted.waitFor(`/events/${topic}`, 2);
    expect(other.seen(`/events/${topic}`)).toEqual([]);
  });
}
