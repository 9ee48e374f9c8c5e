// Host names in zones of the account: made where there is none, changed where they are ours, left where they are somebody else's.
import { afterEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../../../cli/engine/run.ts';
import type { EngineEvent, Step } from '../../../../cli/engine/step.ts';
import type { EntranceAddress, Provider } from '../../../../cli/providers/provider.ts';
import type { DomainRecordRow } from '../../../simulators/digitalocean/domains.ts';
import { type Stage, stage } from './stage.ts';

const HOST = 'todo.example.com';
let open: Stage | undefined;
afterEach(async () => {
  expect(open?.account.violations ?? []).toEqual([]);
  await open?.[Symbol.asyncDispose]();
  open = undefined;
});

async function account(zones: Record<string, readonly Omit<DomainRecordRow, 'ttl'>[]>): Promise<Stage> {
  open = await stage();
  for (const [zone, rows] of Object.entries(zones)) open.account.state.domains.set(zone, rows.map((row) => ({ ttl: 1800, ...row })));
  return open;
}

/** A deploy whose entrance is there. */
async function point(there: Stage, entrance: EntranceAddress | undefined, given: { token?: string; dryRun?: boolean; name?: string } = {}): Promise<Outcome> {
  const { names } = await there.provider(given);
  const step: Step<EntranceAddress | undefined> = { id: 'entrance', title: 'Entrance', needs: [], timeout: 1000, check: async () => ({ is: 'done', value: entrance }) };
  return there.run([step, (names as NonNullable<Provider['names']>).record(step)], { dryRun: given.dryRun ?? false });
}

const zone = ({ account: { state } }: Stage, name = 'example.com'): string[] => (state.domains.get(name) ?? []).map((row) => `${row.name} ${row.type} ${row.data}`);
const said = (events: readonly EngineEvent[]): string[] => events.flatMap((event) => (event.step === 'dns' && event.is === 'progress' ? [event.line] : []));
const ours = [{ id: 1, type: 'TXT', name: '_todoctl.todo', data: 'todoctl:todo:prod 198.51.100.1' }, { id: 2, type: 'A', name: 'todo', data: '198.51.100.1' }];
const AT = { host: HOST, address: '203.0.113.7' };

describe('a deploy', () => {
  test('makes the record, with the mark beside it that says whose it is', async () => {
    const there = await account({ 'example.com': [{ id: 1, type: 'A', name: '@', data: '198.51.100.1' }] });
    expect((await point(there, AT)).changed).toBe(1);
    expect(zone(there)).toEqual(['@ A 198.51.100.1', '_todoctl.todo TXT todoctl:todo:prod 203.0.113.7', 'todo A 203.0.113.7']);
    expect((await point(there, AT)).changed).toBe(0);
  });

  test('a dry run says what it would be, and makes nothing', async () => {
    const there = await account({ 'example.com': [] });
    expect((await point(there, AT, { dryRun: true })).steps.at(-1)).toMatchObject({ is: 'planned', changes: [{ what: 'todo.example.com A 203.0.113.7' }] });
    expect(zone(there)).toEqual([]);
  });

  test('the nearest zone is the one that is asked, and its own name is @', async () => {
    const there = await account({ 'example.com': [], 'todo.example.com': [], 'other.org': [] });
    await point(there, AT);
    expect(zone(there, 'todo.example.com')).toEqual(['_todoctl TXT todoctl:todo:prod 203.0.113.7', '@ A 203.0.113.7']);
    expect([zone(there), zone(there, 'other.org')]).toEqual([[], []]);
  });

  test.each([['an address of version 6', '2001:db8::7', 'todo AAAA 2001:db8::7'], ['a load balancer with a name', 'lb.example.net', 'todo CNAME lb.example.net.']])('%s gets its own type', async (_what, address, record) => {
    const there = await account({ 'example.com': [] });
    await point(there, { host: HOST, address });
    expect(zone(there)).toContain(record);
    expect((await point(there, { host: HOST, address })).changed).toBe(0);
  });

  test('our record follows the load balancer', async () => {
    const there = await account({ 'example.com': ours });
    expect((await point(there, AT)).steps.at(-1)).toMatchObject({ is: 'changed', changes: [{ what: HOST, from: 'A 198.51.100.1', to: 'A 203.0.113.7' }] });
    expect(zone(there)).toEqual(['_todoctl.todo TXT todoctl:todo:prod 203.0.113.7', 'todo A 203.0.113.7']);
  });

  test.each([
    ['somebody else’s', [{ id: 2, type: 'A', name: 'todo', data: '198.51.100.1' }]],
    ['another environment’s', [{ ...(ours[0] as (typeof ours)[0]), data: 'todoctl:todo:staging 198.51.100.1' }, ours[1] as (typeof ours)[0]]],
    ['ours no longer alone', [...ours, { id: 3, type: 'A', name: 'todo', data: '198.51.100.2' }]],
    ['ours, and was changed by hand since', [{ ...(ours[0] as (typeof ours)[0]), data: 'todoctl:todo:prod 198.51.100.9' }, ours[1] as (typeof ours)[0]]],
    ['marked by something that says no address', [{ ...(ours[0] as (typeof ours)[0]), data: 'todoctl:todo:prod' }, ours[1] as (typeof ours)[0]]],
  ])('a record that is %s stays as it is, and that is said', async (_whose, rows) => {
    const there = await account({ 'example.com': rows });
    const before = zone(there);
    expect((await point(there, AT)).changed).toBe(0);
    expect(zone(there)).toEqual(before);
    expect(said(there.events)).toEqual([expect.stringMatching(/^todo\.example\.com leads elsewhere \(A 198\.51\.100\.1.*\), by what was not made for this environment, or somebody has changed since: it stays\. To enter here: A 203\.0\.113\.7$/)]);
  });

  test('who may not see zones, or has not this one, makes none: a person is told what to write', async () => {
    const there = await account({ 'example.org': [] });
    expect((await point(there, AT)).changed).toBe(0);
    there.account.state.domains.set('example.com', []);
    expect((await point(there, AT, { token: there.account.grant('account:read') })).error).toBeUndefined();
    expect(zone(there)).toEqual([]);
  });

  test('who may see it and not change it is told which scope it takes, and goes on', async () => {
    const there = await account({ 'example.com': [] });
    const outcome = await point(there, AT, { token: there.account.grant('domain:read') });
    expect([outcome.error, outcome.changed, outcome.steps.at(-1)?.is]).toEqual([undefined, 0, 'unchanged']);
    expect(said(there.events).join()).toContain('it needs the scope domain:create');
    expect(zone(there)).toEqual([]);
  });

  test('what the zone does not take is told, leaves no mark, and stops nothing', async () => {
    const mail = { id: 1, type: 'MX', name: 'todo', data: 'mail.example.com.' };
    const there = await account({ 'example.com': [mail] });
    const outcome = await point(there, { host: HOST, address: 'lb.example.net' });
    expect([outcome.error, outcome.changed]).toEqual([undefined, 0]);
    expect(said(there.events)).toEqual([expect.stringMatching(/^The record was not made: .*CNAME records cannot share a name with other records/)]);
    expect(zone(there)).toEqual(['todo MX mail.example.com.']);
  });

  test('a token that is refused altogether does stop it', async () => {
    const there = await account({ 'example.com': [] });
    there.account.fail({ method: 'POST', path: /records$/, status: 401, message: 'Unable to authenticate you' });
    expect((await point(there, AT)).error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_TOKEN_REFUSED' });
  });

  test.each([['before the record', 1], ['before the mark was put right', 2]])('a change that was killed %s is gone on with, and the record is still ours', async (_when, after) => {
    const there = await account({ 'example.com': ours });
    const killed = there.account.fail({ method: 'PUT', path: /records/, status: 401, message: 'killed', after, times: 1000 });
    expect((await point(there, AT)).error).toBeDefined();
    expect(zone(there)[0]).toBe('_todoctl.todo TXT todoctl:todo:prod 203.0.113.7 198.51.100.1');
    killed.stop();
    expect((await point(there, { ...AT, address: '203.0.113.8' })).error).toBeUndefined();
    expect(zone(there)).toEqual(['_todoctl.todo TXT todoctl:todo:prod 203.0.113.8', 'todo A 203.0.113.8']);
  });

  test('without a host, or without an address, there is nothing to make', async () => {
    const there = await account({ 'example.com': [] });
    for (const entrance of [{ address: '203.0.113.7' }, undefined]) expect((await point(there, entrance)).changed).toBe(0);
    expect(there.account.requests.filter(({ path }) => path.startsWith('/v2/domains'))).toEqual([]);
  });

  test('an answer that is lost makes no second record', async () => {
    const there = await account({ 'example.com': [] });
    there.account.fail({ method: 'POST', path: /records$/, drop: 'answer', times: 2 });
    await point(there, AT);
    expect(zone(there)).toEqual(['_todoctl.todo TXT todoctl:todo:prod 203.0.113.7', 'todo A 203.0.113.7']);
  });
});

test('a zone that has the record is known, whatever resolvers say', async () => {
  const there = await account({ 'example.com': ours });
  const { names } = await there.provider();
  expect(await Promise.all([names?.leadsTo(HOST, '198.51.100.1'), names?.leadsTo(HOST, '203.0.113.7'), names?.leadsTo('todo.example.org', '198.51.100.1')])).toEqual([true, false, false]);
});

test('what is billed is counted without a look at zones and projects, which are free', async () => {
  const there = await account({ 'example.com': ours });
  const provider = await there.provider();
  expect(await provider.resources({ billed: true })).toEqual([]);
  expect(there.account.requests.filter(({ path }) => /^\/v2\/(?:domains|projects)/.test(path))).toEqual([]);
  expect(await provider.resources()).toHaveLength(1);
});

describe('a teardown', () => {
  const teardown = async (there: Stage): Promise<Outcome> => {
    const provider = await there.provider();
    return there.run((await provider.teardown?.({ found: [], keepDatabase: false, withRegistry: false })) ?? []);
  };

  test('finds our record by its mark, in whichever zone it is, and removes it with the mark', async () => {
    const there = await account({ 'example.org': [], 'example.com': [...ours, { id: 9, type: 'A', name: 'www', data: '198.51.100.1' }] });
    expect(await (await there.provider()).resources()).toEqual([{ kind: 'dns record', name: HOST, id: 'example.com/1', owner: 'environment' }]);
    expect((await teardown(there)).error).toBeUndefined();
    expect(zone(there)).toEqual(['www A 198.51.100.1']);
    expect(await (await there.provider()).resources()).toEqual([]);
  });

  test('what others have added at our name stays, and what is another environment’s', async () => {
    const others = [{ id: 5, type: 'TXT', name: '_todoctl.next', data: 'todoctl:todo:staging 198.51.100.3' }, { id: 6, type: 'A', name: 'next', data: '198.51.100.3' }];
    const there = await account({ 'example.com': [...ours, { id: 3, type: 'A', name: 'todo', data: '198.51.100.2' }, ...others] });
    await teardown(there);
    expect(zone(there)).toEqual(['todo A 198.51.100.2', '_todoctl.next TXT todoctl:todo:staging 198.51.100.3', 'next A 198.51.100.3']);
  });

  test.each([
    ['edited', 'todoctl:todo:prod 203.0.113.7'],
    ['made in place of ours, with a mark that says no address', 'todoctl:todo:prod'],
  ])('a record that somebody has %s stays, and only the mark goes', async (_what, data) => {
    const there = await account({ 'example.com': [{ ...(ours[0] as (typeof ours)[0]), data }, ours[1] as (typeof ours)[0]] });
    expect((await teardown(there)).error).toBeUndefined();
    expect(zone(there)).toEqual(['todo A 198.51.100.1']);
    expect(there.events).toContainEqual(expect.objectContaining({ step: 'dns-gone', is: 'progress', line: expect.stringMatching(/^todo\.example\.com leads elsewhere \(A 198\.51\.100\.1\).*: it stays$/) as string }));
  });

  test('a zone that was deleted meanwhile is no failure', async () => {
    const there = await account({ 'example.com': ours, 'gone.example': [] });
    there.account.fail({ method: 'GET', path: /gone\.example\/records/, status: 404, message: 'not found', times: 10 });
    expect(await (await there.provider()).resources()).toMatchObject([{ kind: 'dns record', name: HOST }]);
  });
});
