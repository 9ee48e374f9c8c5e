import { expect, test } from 'vitest';
import { openContract } from './contract.ts';
import { ROUTES } from './routes.ts';

const contract = openContract();

/** Zones are not in the part of the document that is at hand. */
const documented = ROUTES.filter(({ path }) => !path.startsWith('/v2/domains'));

test.skipIf('skipped' in contract).each(documented.map((route) => [`${route.method} ${route.path}`, route] as const))('%s is a route of the document, with its scopes and its query', (_, route) => {
  if ('skipped' in contract) return;
  const there = contract.route(route);
  expect(there).toBeDefined();
  // Old names of scopes stand beside the new ones, of which a token needs all that the simulator asks for.
  if (!route.path.startsWith('/v2/snapshots')) expect(there?.scopes).toEqual(expect.arrayContaining([...route.scopes]));
  if (route.undocumented === undefined) expect(there?.query).toEqual(expect.arrayContaining([...route.query]));
});

test.skipIf('skipped' in contract)('an answer that is not as the document says is named', () => {
  if ('skipped' in contract) return;
  const route = ROUTES.find(({ method, path }) => method === 'GET' && path === '/v2/account')!;
  expect(contract.response(route, { status: 200, body: { account: { droplet_limit: '25' } } })).toEqual(expect.arrayContaining([expect.stringContaining('/account/droplet_limit must be integer')]));
});

test('without the document that is said', () => {
  expect(openContract('/nowhere.json')).toEqual({ skipped: expect.stringContaining('/nowhere.json is not there') as unknown });
});
