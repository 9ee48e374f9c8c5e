// The kit's whole way of an event: transaction → outbox → relay → topic → delivery → inbox → effect, with everything failing at times.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tableAttempts } from '../../../services/kit/attempts.ts';
import { consume, consumeMetrics } from '../../../services/kit/consume.ts';
import { createDapr, type Dapr } from '../../../services/kit/dapr.ts';
import { createInbox, inboxMigration } from '../../../services/kit/inbox.ts';
import { silentLogger } from '../../../services/kit/log.ts';
import { Metrics } from '../../../services/kit/metrics.ts';
import { createOutbox, outboxMigration } from '../../../services/kit/outbox.ts';
import { startRelay, type Relay } from '../../../services/kit/relay.ts';
import { useDatabase } from './database-fixture.ts';
import { serveForTest, type TestServer } from './http/client-support.ts';
import { startScriptedSidecar, until, type Published, type ScriptedSidecar } from './scripted-sidecar.ts';

const fixture = useDatabase('audit', [outboxMigration, inboxMigration, { name: 'effects', sql: 'CREATE TABLE effects (position bigint GENERATED ALWAYS AS IDENTITY, key text, n int)' }]);
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const dataSchema = z.object({ n: z.number() });

let sidecar: ScriptedSidecar;
let dapr: Dapr;
let relay: Relay;
let replicas: TestServer[];
/** Whether the handler fails this time, after its writes. */
let fails: () => boolean = () => false;
const traces = new Set<string>();

beforeAll(async () => {
  sidecar = await startScriptedSidecar();
  dapr = createDapr({ port: sidecar.port });
  const { database } = fixture;
  relay = startRelay({ database, dapr, log: silentLogger, metrics: new Metrics(), source: 'todo/task-api', replica: 'r' });
  replicas = await Promise.all([0, 1].map(() => serveForTest([route()])));
});
afterAll(async () => {
  await relay.stop();
  await Promise.all(replicas.map((replica) => replica.close(0)));
  await dapr.close();
  await sidecar.stop();
});

function route() {
  const { database } = fixture;
  const inbox = createInbox(database, 'audit');
  return consume<z.infer<typeof dataSchema>>({
    topic: 'task-events',
    consumer: 'audit',
    types: { 'task.updated.v1': dataSchema },
    async handle(event, { trace }) {
      traces.add(trace.traceId);
      await inbox.once(event.id, async (tx) => {
        await tx.query('INSERT INTO effects (key, n) VALUES ($1, $2)', [event.partitionkey, event.data.n]);
        if (fails()) throw new Error('half-way');
      });
    },
    attempts: tableAttempts(database, 'audit'),
    maxAttempts: 1000,
    dapr,
    measures: consumeMetrics(new Metrics()),
  });
}

async function post(replica: number, { event, key }: Published): Promise<string> {
  const response = await fetch(`${replicas[replica]?.url}/events/task-events`, {
    method: 'POST',
    body: JSON.stringify(event),
    headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': 'app-token', __key: key, __partition: '0' },
  });
  return ((await response.json()) as { status: string }).status;
}

describe('every event', () => {
  it('has its effect once and in order per key, however often it is published, delivered and failed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 15 }),
        fc.array(fc.constantFrom('fine' as const, 'lost' as const, 'reset' as const), { maxLength: 4 }),
        fc.array(fc.boolean(), { maxLength: 10 }),
        fc.infiniteStream(fc.nat(2)),
        async (keys, publishing, failing, choice) => {
          await fixture.database.query('DELETE FROM effects');
          sidecar.log.length = 0;
          const verdicts = [...publishing];
          sidecar.judge = () => ({ answer: verdicts.shift() ?? 'fine' });
          const failures = [...failing];
          fails = () => failures.shift() ?? false;

          const outbox = createOutbox(fixture.database);
          for (const [n, key] of keys.entries()) {
            const event = { id: randomUUID(), topic: 'task-events', type: 'task.updated.v1', subject: `k${key}`, key: `k${key}`, data: { n }, traceparent: TRACEPARENT };
            await fixture.database.transaction((tx) => outbox.enqueue(tx, [event]));
          }
          await until(async () => (await fixture.database.query('SELECT 1 FROM outbox')).rowCount === 0, 20_000, 'an empty outbox');

          // As Dapr does: one after the other, again after RETRY; at times twice, to either replica, or to both at once.
          for (const published of sidecar.log) {
            while ((await post(choice.next().value % 2, published)) === 'RETRY');
            if (choice.next().value === 0) await Promise.all([post(0, published), post(1, published)]);
          }
          const { rows } = await fixture.database.query<{ key: string; n: number }>('SELECT key, n FROM effects ORDER BY position');
          const byKey = (items: readonly { key: string; n: number }[]) => Object.fromEntries(Map.groupBy(items, ({ key }) => key));
          expect(byKey(rows)).toEqual(byKey(keys.map((key, n) => ({ key: `k${key}`, n }))));
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  });

  it('is handled in the trace of the request that caused it', () => {
    expect([...traces]).toEqual(['0af7651916cd43dd8448eb211c80319c']);
  });

  it('that two replicas get at the same time has one effect', async () => {
    await fixture.database.query('DELETE FROM effects');
    fails = () => false;
    for (let n = 0; n < 20; n += 1) {
      const id = randomUUID();
      const event = { specversion: '1.0', id, source: 's', type: 'task.updated.v1', subject: 's', time: '2026-01-01T00:00:00Z', datacontenttype: 'application/json', partitionkey: 'k', data: { n } };
      const published: Published = { topic: 'task-events', id, key: 'k', event };
      expect(await Promise.all([post(0, published), post(1, published)])).toEqual(['SUCCESS', 'SUCCESS']);
    }
    expect((await fixture.database.query('SELECT 1 FROM effects')).rowCount).toBe(20);
  });
});
