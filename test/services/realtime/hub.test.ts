import { describe, expect, test } from 'vitest';
import { Hub } from '../../../services/realtime/hub.ts';
import { LiveClient, type Change, type Wire } from '../../../services/realtime/live-client.ts';
import { sample } from '../contracts/samples.ts';

const template = (sample('task.changed.v1') as { data: Change }).data;
const change = (user: string, n: number): Change => ({ ...template, user_id: user, position: `7-${n}` });

/** A client that is caught up, with the texts that went over its wire. */
async function client(): Promise<{ client: LiveClient; sent: string[] }> {
  const sent: string[] = [];
  const wire: Wire = { bufferedAmount: 0, send: (text, done) => (sent.push(text), done()), close: () => undefined, terminate: () => undefined };
  const made = new LiveClient(wire, async () => ({ changes: [], position: '7-0', more: false }));
  await made.begin('latest');
  return { client: made, sent };
}

describe('who is connected', () => {
  test('is counted by user, on this replica', async () => {
    const hub = new Hub();
    const [one, two, other] = [await client(), await client(), await client()];
    hub.add('ada', one.client);
    hub.add('ada', two.client);
    hub.add('bob', other.client);
    expect([hub.count('ada'), hub.count('bob'), hub.count('eve')]).toEqual([2, 1, 0]);
    hub.remove('ada', one.client);
    hub.remove('ada', one.client);
    hub.remove('eve', one.client);
    expect([hub.count('ada'), hub.count('bob')]).toEqual([1, 1]);
  });

  test('is counted once, though added twice', async () => {
    const hub = new Hub();
    const { client: one } = await client();
    hub.add('ada', one);
    hub.add('ada', one);
    expect(hub.count('ada')).toBe(1);
    hub.remove('ada', one);
    expect(hub.count('ada')).toBe(0);
  });
});

describe('a change', () => {
  test('goes to each socket of its user, in the same words, and to nobody else', async () => {
    const hub = new Hub();
    const [one, two, other] = [await client(), await client(), await client()];
    hub.add('ada', one.client);
    hub.add('ada', two.client);
    hub.add('bob', other.client);
    expect(hub.deliver(change('ada', 1))).toBe(2);
    expect(one.sent).toEqual([JSON.stringify({ type: 'change', ...change('ada', 1) })]);
    expect(two.sent).toEqual(one.sent);
    expect(other.sent).toEqual([]);
  });

  test('of a user who is not here goes to nobody, and is no error', () => {
    expect(new Hub().deliver(change('ada', 1))).toBe(0);
  });

  test('does not reach a socket that has gone', async () => {
    const hub = new Hub();
    const { client: gone, sent } = await client();
    hub.add('ada', gone);
    hub.remove('ada', gone);
    expect(hub.deliver(change('ada', 1))).toBe(0);
    expect(sent).toEqual([]);
  });

  test.each(['__proto__', 'constructor', ''])('of a user named %j is like any other', async (user) => {
    const hub = new Hub();
    expect([hub.count(user), hub.deliver(change(user, 1))]).toEqual([0, 0]);
    const { client: one, sent } = await client();
    hub.add(user, one);
    expect([hub.deliver(change(user, 2)), sent.length]).toEqual([1, 1]);
  });

  test('is seen by every replica’s own sockets, when every replica is told', async () => {
    const replicas = [new Hub(), new Hub()];
    const clients = [await client(), await client()];
    for (const [index, hub] of replicas.entries()) hub.add('ada', (clients[index] as { client: LiveClient }).client);
    for (const n of [1, 2, 2, 3]) for (const hub of replicas) hub.deliver(change('ada', n));
    for (const { sent } of clients) expect(sent.map((text) => (JSON.parse(text) as Change).position)).toEqual(['7-1', '7-2', '7-3']);
  });
});
