import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { DigitalOcean } from '../../../../cli/providers/digitalocean/client.ts';
import { Refusal } from '../../../../cli/providers/digitalocean/failures.ts';
import type { ApiLoadBalancer, ApiVpc } from '../../../../cli/providers/digitalocean/api.ts';
import { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import { Redactor } from '../../../../cli/io/redactor.ts';
import { freePorts } from '../../../support/free-ports.ts';
import { VirtualClock } from '../../engine/virtual-clock.ts';
import { type DigitalOceanOptions, startDigitalOcean } from '../../../simulators/digitalocean/start.ts';

const VPC = { name: 'todo-prod', region: 'nyc3', ip_range: '10.120.0.0/20', description: 'todoctl:todo:prod' };

async function stage(options: DigitalOceanOptions = {}, given: { token?: string; stop?: AbortSignal; patience?: number; env?: NodeJS.ProcessEnv } = {}) {
  const account = await startDigitalOcean({ limits: { perMinute: 100_000, perHour: 1_000_000 }, ...options });
  const { token = account.token, stop = new AbortController().signal, patience, env = {} } = given;
  const api = new DigitalOcean({ env: { DIGITALOCEAN_API_URL: account.url, DIGITALOCEAN_ACCESS_TOKEN: token, ...env }, redactor: new Redactor(), stop, clock: account.clock, ...(patience === undefined ? {} : { patience }) });
  const find = async (): Promise<ApiVpc | undefined> => (await api.list<ApiVpc>('/v2/vpcs', 'vpcs')).find(({ name }) => name === VPC.name);
  return { account, api, find, posts: () => account.requests.filter(({ method }) => method === 'POST').length, [Symbol.asyncDispose]: () => account[Symbol.asyncDispose]() };
}

async function failure(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
}

test('of more rows than one page has, all come, 200 at a time', async () => {
  await using there = await stage({ others: 430 });
  const rows = await there.api.list<ApiLoadBalancer>('/v2/load_balancers', 'load_balancers');
  expect(new Set(rows.map(({ id }) => id)).size).toBe(430);
  expect(there.account.requests.map(({ query }) => query)).toEqual(['1', '2', '3'].map((page) => ({ page, per_page: '200' })));
});

test('a burst of 429 is waited for as long as DigitalOcean says', async () => {
  await using there = await stage();
  there.account.fail({ path: '/v2/vpcs', status: 429, retryAfter: 7, times: 3 });
  const before = there.account.clock.now();
  await there.api.list('/v2/vpcs', 'vpcs');
  expect(there.account.clock.now() - before).toBeGreaterThanOrEqual(21_000);
  expect(there.account.clock.now() - before).toBeLessThan(30_000);
});

test.each(['GET', 'PUT', 'DELETE'] as const)('%s is tried again when DigitalOcean is not well', async (method) => {
  await using there = await stage();
  const made = await there.api.make<{ vpc: ApiVpc }>('/v2/vpcs', VPC, async () => undefined);
  const where = `/v2/vpcs/${made.vpc.id}`;
  there.account.fail({ method, status: 503, times: 2 });
  there.account.fail({ method, drop: 'request', times: 1 });
  const ask = { GET: () => there.api.get(where), PUT: () => there.api.put(where, { name: 'other' }), DELETE: () => there.api.remove(where) };
  await ask[method]();
  expect(there.account.requests.filter((one) => one.method === method)).toHaveLength(4);
});

test('after six refusals it is said, with the words of DigitalOcean and the number of the request', async () => {
  await using there = await stage();
  there.account.fail({ path: '/v2/vpcs', status: 500, message: 'Server Error', times: 100 });
  const error = await failure(there.api.list('/v2/vpcs', 'vpcs'));
  expect(error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_UNREACHABLE', status: 500, message: expect.stringMatching(/^GET \/v2\/vpcs: 500 Server Error \(request [0-9a-f-]{36}\)$/) as string });
  expect(there.account.requests).toHaveLength(6);
});

test('a POST that worked though its answer was lost is found, and not asked for again', async () => {
  await using there = await stage();
  there.account.fail({ method: 'POST', path: '/v2/vpcs', drop: 'answer' });
  const made = await there.api.make<unknown>('/v2/vpcs', VPC, there.find);
  expect(made).toMatchObject({ name: 'todo-prod' });
  expect(there.posts()).toBe(1);
  expect(await there.api.list('/v2/vpcs', 'vpcs')).toHaveLength(1);
});

test('a POST that never came is asked for again, once it is known that nothing was made', async () => {
  await using there = await stage();
  there.account.fail({ method: 'POST', path: '/v2/vpcs', drop: 'request' });
  await there.api.make<unknown>('/v2/vpcs', VPC, there.find);
  expect(there.posts()).toBe(2);
  const looks = there.account.requests.slice(1, -1).map(({ method }) => method);
  expect(looks).toEqual(['GET', 'GET', 'GET']);
  expect(await there.api.list('/v2/vpcs', 'vpcs')).toHaveLength(1);
});

test('a POST that is refused for being too many is asked for again without looking; one that is wrong is not', async () => {
  await using there = await stage();
  there.account.fail({ method: 'POST', status: 429, retryAfter: 1 });
  await there.api.make<unknown>('/v2/vpcs', VPC, () => Promise.reject(new Error('nobody looks')));
  expect(there.posts()).toBe(2);
  const error = await failure(there.api.make('/v2/vpcs', { ...VPC, name: 'other', region: 'mars1' }, async () => undefined));
  expect(error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_REFUSED', status: 422 });
  expect(there.posts()).toBe(3);
});

test('what is gone is no error where it is asked for or removed', async () => {
  await using there = await stage();
  const gone = '/v2/vpcs/00000000-0000-4000-8000-000000000000';
  expect(await there.api.find(gone)).toBeUndefined();
  expect(await there.api.remove(gone)).toBe(false);
  expect(await failure(there.api.get(gone))).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_NOT_FOUND' });
});

test('a token that is revoked midway is said at once, and one without a scope with the scope', async () => {
  await using there = await stage();
  await there.api.list('/v2/vpcs', 'vpcs');
  there.account.revoke();
  expect(await failure(there.api.list('/v2/vpcs', 'vpcs'))).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_TOKEN_REFUSED', exit: 4, message: expect.stringContaining('Unable to authenticate you.') as string });
  expect(there.account.requests).toHaveLength(2);

  const few = new DigitalOcean({ env: { DIGITALOCEAN_API_URL: there.account.url, DIGITALOCEAN_TOKEN: there.account.grant('kubernetes:read') }, redactor: new Redactor(), stop: new AbortController().signal });
  expect(await failure(few.list('/v2/vpcs', 'vpcs'))).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING', details: ['it needs the scope vpc:read'] });
});

test.each([
  ['a refusal', { status: 422, message: 'no' }],
  ['a lost connection', { drop: 'request' as const, times: 50 }],
  ['a server that fails', { status: 500, times: 50 }],
])('the token is in nothing that %s leaves behind', async (_, fault) => {
  await using there = await stage();
  there.account.fail({ ...fault, path: '/v2/vpcs' });
  const error = await failure(there.api.list('/v2/vpcs', 'vpcs'));
  const all = [inspect(error, { depth: Infinity, showHidden: true }), JSON.stringify(error), error.stack, String(error.cause)].join('\n');
  expect(all).not.toContain(there.account.token);
  expect(all.toLowerCase()).not.toContain('bearer');
});

test('an answer that does not come has a limit, and Ctrl-C ends the waiting at once', async () => {
  await using late = await stage({}, { patience: 60 });
  late.account.fail({ slow: 2000, times: 6 });
  expect(await failure(late.api.list('/v2/vpcs', 'vpcs'))).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_UNREACHABLE', message: 'GET /v2/vpcs: no answer in 0.06 seconds' });

  const stop = new AbortController();
  await using there = await stage({}, { stop: stop.signal });
  there.account.fail({ slow: 5000 });
  const asked = there.api.list('/v2/vpcs', 'vpcs');
  setTimeout(() => stop.abort(new TodoctlError('TODOCTL_INTERRUPTED')), 100);
  const begun = performance.now();
  await expect(asked).rejects.toMatchObject({ code: 'TODOCTL_INTERRUPTED' });
  expect(performance.now() - begun).toBeLessThan(3000);
});

/** A client of an API that cannot be reached, on a clock that makes no wait long; each word with the second at which it was said. */
function outOfReach(address: string): { api: DigitalOcean; clock: VirtualClock; said: string[] } {
  const [clock, said] = [new VirtualClock(), [] as string[]];
  const say = (line: string): void => void said.push(`${Math.floor(clock.now() / 1000)} ${line}`);
  return { api: new DigitalOcean({ env: { DIGITALOCEAN_API_URL: address, DIGITALOCEAN_ACCESS_TOKEN: 'a-token' }, redactor: new Redactor(), stop: new AbortController().signal, clock, say }), clock, said };
}

test('an API where nobody listens: what is waited for is said, and in the end what it was', async () => {
  const { api, clock, said } = outOfReach(`http://127.0.0.1:${String((await freePorts(1))[0])}`);
  const error = await failure(api.list('/v2/vpcs', 'vpcs'));
  expect(error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_UNREACHABLE', exit: 3, message: expect.stringMatching(/connect ECONNREFUSED 127\.0\.0\.1:\d+/) as string });
  // After the first half a second, then no more than every five.
  expect(said).toHaveLength(2);
  for (const line of said) expect(line).toMatch(/^\d+ Waiting for DigitalOcean: connect ECONNREFUSED 127\.0\.0\.1:\d+; asked again in \d+ s$/);
  expect(Number(said[0]?.split(' ')[0])).toBeLessThan(1);
  expect(Number(said[1]?.split(' ')[0])).toBeGreaterThanOrEqual(5);
  expect(clock.now()).toBeLessThan(20_000);
});

test('many requests that wait for the same say it once, without the token', async () => {
  const { api, said } = outOfReach(`http://127.0.0.1:${String((await freePorts(1))[0])}`);
  await Promise.all(Array.from({ length: 20 }, () => failure(api.list('/v2/vpcs', 'vpcs'))));
  expect(said).toHaveLength(2);
  expect(said.join('\n')).not.toContain('a-token');
});

test('a wait of a moment is not worth a word; one that DigitalOcean asks for is', async () => {
  const said: string[] = [];
  await using there = await stage();
  const api = new DigitalOcean({ env: { DIGITALOCEAN_API_URL: there.account.url, DIGITALOCEAN_ACCESS_TOKEN: there.account.token }, redactor: new Redactor(), stop: new AbortController().signal, clock: new VirtualClock(), say: (line) => said.push(line) });
  there.account.fail({ status: 500, times: 1 });
  await api.list('/v2/vpcs', 'vpcs');
  expect(said).toEqual([]);
  there.account.fail({ status: 429, times: 1, retryAfter: 20 });
  await api.list('/v2/vpcs', 'vpcs');
  expect(said).toEqual([expect.stringMatching(/^Waiting for DigitalOcean: .+; asked again in 2\d s$/)]);
});

test('two clients with two tokens do not mix them up, though the library has one state for all', async () => {
  await using one = await stage();
  await using other = await stage();
  await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other).api.list('/v2/vpcs', 'vpcs')));
  const [first, second] = [one, other].map(({ account }) => account.requests.map(({ status }) => status));
  expect(first).toEqual(Array.from({ length: 10 }, () => 200));
  expect(second).toEqual(first);
});

test('a proxy of the environment is not asked for what runs on this machine', async () => {
  const asked: string[] = [];
  const proxy = http.createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(502).end();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const before = process.env['http_proxy'];
  process.env['http_proxy'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  onTestFinished(() => {
    proxy.close();
    if (before === undefined) delete process.env['http_proxy'];
    else process.env['http_proxy'] = before;
  });
  await using there = await stage();
  expect(await there.api.list('/v2/vpcs', 'vpcs')).toEqual([]);
  expect(asked).toEqual([]);
});

test('a page that somebody puts in between is no answer of DigitalOcean', async () => {
  const portal = http.createServer((_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in to the hotel'));
  await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void portal.close());
  await using there = await stage({}, { env: { DIGITALOCEAN_API_URL: `http://127.0.0.1:${(portal.address() as AddressInfo).port}/` } });
  expect(await failure(there.api.list('/v2/vpcs', 'vpcs'))).toMatchObject({ message: 'GET /v2/vpcs: what answers is not the API of DigitalOcean' });
});

test.each(['nonsense', 'file:///etc/passwd'])('an address of the API that is none is a word about it: %s', (address) => {
  const make = () => new DigitalOcean({ env: { DIGITALOCEAN_API_URL: address }, redactor: new Redactor(), stop: new AbortController().signal });
  expect(make).toThrow(expect.objectContaining({ code: 'TODOCTL_DIGITALOCEAN_UNREACHABLE', exit: 3, message: 'DIGITALOCEAN_API_URL is not the address of an API' }));
});
