// Projects of DigitalOcean: made where there is none, filled with what is ours, and gone once nothing is in them.
import { afterEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../../../cli/engine/run.ts';
import { newProject } from '../../../simulators/digitalocean/projects.ts';
import { newVpc } from '../../../simulators/digitalocean/vpcs.ts';
import { type Stage, stage } from './stage.ts';

const ENVIRONMENT = { project: 'Todo', registry: { server: 'ghcr.io', repository: 'example/todo' }, postgres: { provider: 'digitalocean' } };
let open: Stage | undefined;
afterEach(async () => {
  await open?.[Symbol.asyncDispose]();
  open = undefined;
});

async function deploy(there: Stage): Promise<Outcome> {
  const { cluster, database, project } = await (await there.provider({ environment: ENVIRONMENT, services: { 'task-api': { database: true } } })).steps();
  const outcome = await there.run([cluster, database, project].filter((step) => step !== undefined));
  expect(outcome.error).toBeUndefined();
  return outcome;
}

async function teardown(there: Stage): Promise<void> {
  const provider = await there.provider();
  expect((await there.run((await provider.teardown?.({ found: [], keepDatabase: false, withRegistry: false })) ?? [])).error).toBeUndefined();
}

const filed = ({ account: { state } }: Stage): Record<string, string[]> =>
  Object.fromEntries([...state.projects.values()].filter(({ is_default }) => !is_default).map(({ name, resources }) => [name, [...resources].map((urn) => urn.split(':')[1] ?? '').sort()]));

test('without one in the definition a deploy asks nothing of projects', async () => {
  open = await stage();
  const provider = await open.provider();
  await provider.preflight();
  const { project, cluster } = await provider.steps();
  expect((await open.run([cluster])).error).toBeUndefined();
  expect(project).toBeUndefined();
  expect(open.account.requests.filter(({ path }) => path.startsWith('/v2/projects'))).toEqual([]);
});

test('the project is made once with cluster, network and database in it, and goes with them', async () => {
  open = await stage();
  await deploy(open);
  expect(filed(open)).toEqual({ Todo: ['dbaas', 'kubernetes', 'vpc'] });
  expect((await deploy(open)).changed).toBe(0);
  expect((await (await open.provider()).resources()).filter(({ kind }) => kind === 'project')).toMatchObject([{ name: 'Todo', owner: 'environment' }]);
  await teardown(open);
  expect(filed(open)).toEqual({});
});

test('what others have put into it keeps it, and is named', async () => {
  open = await stage();
  await deploy(open);
  const [project] = [...open.account.state.projects.values()].filter(({ name }) => name === 'Todo');
  const { id } = newVpc(open.account.world, { name: 'their-vpc', region: 'nyc3', description: 'not yours', ip_range: '10.200.0.0/20' });
  project?.resources.add(`do:vpc:${id}`);
  await teardown(open);
  expect(await (await open.provider()).resources()).toMatchObject([{ kind: 'project', name: 'Todo', owner: 'other', heldBy: `do:vpc:${id}` }]);
});

describe('the first network of a region, which always stays,', () => {
  const withDefault = async (): Promise<{ there: Stage; urn: string }> => {
    open = await stage();
    const { id } = newVpc(open.account.world, { name: 'todo-prod', region: 'nyc3', description: 'todoctl:todo:prod', ip_range: '10.200.0.0/20', default: true });
    return { there: open, urn: `do:vpc:${id}` };
  };

  test('is not put into the project, so that it goes', async () => {
    const { there } = await withDefault();
    await deploy(there);
    expect(filed(there)).toEqual({ Todo: ['dbaas', 'kubernetes'] });
    expect((await deploy(there)).changed).toBe(0);
    await teardown(there);
    expect(filed(there)).toEqual({});
    expect(await (await there.provider()).resources()).toMatchObject([{ kind: 'vpc', owner: 'other' }]);
  });

  test('keeps a project that it was put into; that is no leftover, and is not waited for', async () => {
    const { there, urn } = await withDefault();
    await deploy(there);
    [...there.account.state.projects.values()].find(({ name }) => name === 'Todo')?.resources.add(urn);
    await teardown(there);
    expect((await (await there.provider()).resources()).filter(({ kind }) => kind === 'project')).toMatchObject([{ name: 'Todo', owner: 'other', heldBy: urn }]);
  });
});

test('one that was there before is used, and never deleted', async () => {
  open = await stage();
  newProject(open.account.world, { name: 'Todo', purpose: 'Ours since years', description: 'by hand' });
  await deploy(open);
  expect(filed(open)).toEqual({ Todo: ['dbaas', 'kubernetes', 'vpc'] });
  await teardown(open);
  expect(Object.keys(filed(open))).toEqual(['Todo']);
});

test('a token that may not see projects is named before anything is made', async () => {
  open = await stage();
  const token = open.account.grant('account:read', 'kubernetes:read', 'vpc:read', 'sizes:read', 'regions:read', 'load_balancer:read', 'block_storage:read', 'block_storage_snapshot:read', 'database:read');
  const checks = await (await open.provider({ environment: ENVIRONMENT, token })).preflight();
  expect(checks.find(({ title }) => title === 'Scopes of the token')?.error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING', details: expect.arrayContaining(['it needs the scope project:read']) as unknown });
});

describe('what is refused of a project is told, and the deploy goes on', () => {
  const told = ({ events }: Stage): string[] => events.flatMap((event) => (event.step === 'project' && event.is === 'progress' ? [event.line] : []));

  test('to see them, to make one: nothing was changed', async () => {
    for (const [method, line] of [['GET', /^Not all is shown in the project Todo: GET \/v2\/projects: 403 .*; it needs the scope project:read$/], ['POST', /; it needs the scope project:create$/]] as const) {
      await using there = await stage();
      there.account.fail({ method, path: /^\/v2\/projects$/, status: 403, message: 'You are not authorized to perform this operation', times: 1000 });
      expect((await deploy(there)).steps.find(({ step }) => step === 'project')?.is).toBe('unchanged');
      expect(told(there)).toEqual([expect.stringMatching(line)]);
    }
  });

  test('to put something into it: the project was made', async () => {
    open = await stage();
    open.account.fail({ method: 'POST', path: /resources$/, status: 422, message: 'unknown resource', times: 1000 });
    expect((await deploy(open)).steps.find(({ step }) => step === 'project')?.is).toBe('changed');
    expect(told(open)).toEqual([expect.stringContaining('unknown resource')]);
    expect(filed(open)).toEqual({ Todo: [] });
  });

  test('but not what concerns all that is asked', async () => {
    open = await stage();
    open.account.fail({ method: 'POST', path: /^\/v2\/projects$/, status: 401, message: 'Unable to authenticate you', times: 1000 });
    const { project } = await (await open.provider({ environment: ENVIRONMENT })).steps();
    expect((await open.run(project ? [{ ...project, needs: [] }] : [])).error).toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_TOKEN_REFUSED' });
  });
});
