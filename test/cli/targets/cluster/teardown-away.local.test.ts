// A cluster of a provider whose API does not answer: teardown says what can be done, and what it says works.
import { afterEach, expect, test } from 'vitest';
import { clusterDelete } from '../../../../cli/operations/cluster/delete.ts';
import { type Context, createContext } from '../../../../cli/operations/context.ts';
import { teardown } from '../../../../cli/operations/teardown.ts';
import { systemClock } from '../../../../cli/io/clock.ts';
import { listening, plainIo } from '../../operations/stage.ts';
import { type Stage, stage } from '../../providers/digitalocean/stage.ts';

let open: Stage | undefined;
afterEach(async () => {
  await open?.account[Symbol.asyncDispose]();
  open = undefined;
});

/** As a new process has it. */
function context({ account, folder }: Stage): Context {
  const never = new AbortController().signal;
  return createContext({ io: plainIo, clock: systemClock, cwd: folder, environment: 'prod', stop: never, leave: never, env: { HOME: folder, DIGITALOCEAN_API_URL: account.url, DIGITALOCEAN_ACCESS_TOKEN: account.token } });
}

test('teardown names cluster delete, changes nothing, and finds the rest gone after it', { timeout: 120_000 }, async () => {
  open = await stage();
  expect((await open.create()).error).toBeUndefined();
  open.account.state.domains.set('example.com', [{ id: 1, type: 'TXT', name: '_todoctl.todo', data: 'todoctl:todo:prod 203.0.113.7', ttl: 300 }, { id: 2, type: 'A', name: 'todo', data: '203.0.113.7', ttl: 300 }]);
  await open.behind[Symbol.asyncDispose]();
  const before = open.account.changes();

  const yes = { keepData: false, dryRun: false, confirm: async () => true };
  const refused = await teardown(context(open), yes, listening()).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'TODOCTL_CLUSTER_UNREACHABLE', exit: 3, why: expect.stringMatching(/^What is in a cluster is removed through its API.* Nothing was changed\.$/) as string });
  const { next } = refused as { next: string[] };
  expect(next[1]).toMatch(/^If it stays away: todoctl cluster delete --env prod has DigitalOcean delete it as it is/);
  expect(next[2]).toMatch(/^Then todoctl teardown --env prod removes what is left/);
  expect(open.account.changes()).toEqual(before);

  const deleted = await clusterDelete(context(open), { dryRun: false, confirm: async () => true }, listening());
  expect(deleted.removed.map(({ kind }) => kind).sort()).toEqual(['cluster', 'dns record', 'node pool', 'vpc']);
  expect([open.account.state.clusters.size, open.account.state.domains.get('example.com')]).toEqual([0, []]);
  expect(await teardown(context(open), yes, listening())).toMatchObject({ removed: [], kept: [] });
});
