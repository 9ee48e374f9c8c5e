// What a sweep does when DigitalOcean does not let go, on a clock that is a hundred times as fast.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Context } from '../../../cli/operations/context.ts';
import { sweep, type Swept } from '../../../cli/operations/sweep.ts';
import { newLoadBalancer } from '../../simulators/digitalocean/load-balancers.ts';
import { newProject } from '../../simulators/digitalocean/projects.ts';
import { type DigitalOcean, startDigitalOcean } from '../../simulators/digitalocean/start.ts';
import { newVpc } from '../../simulators/digitalocean/vpcs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { listening, plainIo } from './stage.ts';

const RULES = [{ entry_protocol: 'tcp' as const, entry_port: 443, target_protocol: 'tcp' as const, target_port: 443 }];
const yes = async (): Promise<boolean> => true;

/** A folder whose todoctl.yaml has no environment of DigitalOcean any more, and a network of one that it had. */
async function left(account: DigitalOcean, cwd: string): Promise<Context> {
  await writeFile(path.join(cwd, 'todoctl.yaml'), '{ platform: todo, environments: { local: { provider: local } } }');
  const vpc = newVpc(account.world, { name: 'todo-old', region: 'nyc3', description: 'todoctl:todo:old', ip_range: '10.100.0.0/20' });
  newLoadBalancer(account.world, { name: 'a0123456789', region: 'nyc3', vpc: vpc.id, rules: RULES });
  const never = new AbortController().signal;
  return {
    io: plainIo, clock: account.clock, cwd, environment: 'local', stop: never, leave: never, target: () => Promise.reject(new Error('nobody asks for it')),
    env: { DIGITALOCEAN_API_URL: account.url, DIGITALOCEAN_ACCESS_TOKEN: account.token },
  };
}

async function opened(): Promise<{ account: DigitalOcean; context: Context } & AsyncDisposable> {
  const account = await startDigitalOcean({ others: 3, speed: 100, limits: { perMinute: 100_000, perHour: 1_000_000 } });
  return { account, context: await left(account, await temporaryFolder()), [Symbol.asyncDispose]: () => account[Symbol.asyncDispose]() };
}

test('what is left goes, network last; what others have stays', async () => {
  await using there = await opened();
  const { account, context } = there;
  const { found } = await sweep(context, { dryRun: false, confirm: yes }, listening());
  expect(found).toMatchObject([{ environment: 'old', why: 'todoctl.yaml has no such environment', resources: [{ kind: 'load balancer' }, { kind: 'vpc' }] }]);
  expect([account.state.loadBalancers.size, [...account.state.vpcs.values()].map(({ name }) => name)]).toEqual([3, ['their-vpc']]);
});

test('what DigitalOcean does not let go is told by name, with exit code 7; a later run finds it again', async () => {
  await using there = await opened();
  const { account, context } = there;
  const stays = account.fail({ method: 'DELETE', path: /^\/v2\/vpcs\//, status: 409, message: 'Can not delete VPC with members', times: 1000 });
  await expect(sweep(context, { dryRun: false, confirm: yes }, listening())).rejects.toMatchObject({ code: 'TODOCTL_LEFTOVERS', exit: 7, message: '1 thing is left', details: expect.arrayContaining([expect.stringMatching(/^vpc todo-old \(/)]) as string[] });
  stays.stop();
  expect((await sweep(context, { dryRun: false, confirm: yes }, listening())).found).toHaveLength(1);
  expect((await sweep(context, { dryRun: false, confirm: yes }, listening())).found).toEqual([]);
});

test('a no changes nothing, and a dry run asks nobody', async () => {
  await using there = await opened();
  const { account, context } = there;
  await expect(sweep(context, { dryRun: false, confirm: async () => false }, listening())).rejects.toMatchObject({ code: 'TODOCTL_INTERRUPTED', message: 'Nothing was changed' });
  const { found } = await sweep(context, { dryRun: true, confirm: () => Promise.reject(new Error('asked')) }, listening());
  expect(found).toHaveLength(1);
  expect(account.changes()).toEqual([]);
});

test('databases that the token may not see are not taken for none', async () => {
  await using there = await opened();
  const { account, context } = there;
  const token = account.grant('kubernetes:read', 'vpc:read', 'sizes:read', 'load_balancer:read');
  await expect(sweep({ ...context, env: { ...context.env, DIGITALOCEAN_ACCESS_TOKEN: token } }, { dryRun: true, confirm: yes }, listening())).rejects.toMatchObject({ code: 'TODOCTL_DIGITALOCEAN_SCOPE_MISSING' });
});

describe('a project of an environment that is no more', () => {
  const projectOf = (account: DigitalOcean, environment: string) => newProject(account.world, { name: `Todo ${environment}`, purpose: 'Operational / Developer tooling', description: `todoctl:todo:${environment}` });
  const kindsOf = (found: readonly Swept[]): string[][] => found.map(({ environment, resources }) => [environment, ...resources.map(({ kind }) => kind)]);

  test('is shown and asked about with the rest, and goes; so does one that alone is left', async () => {
    await using there = await opened();
    const { account, context } = there;
    const [network] = [...account.state.vpcs.values()].filter(({ name }) => name === 'todo-old');
    projectOf(account, 'old').resources.add(`do:vpc:${network?.id}`);
    projectOf(account, 'older');
    let asked: string[][] = [];
    const confirm = async (found: readonly Swept[]): Promise<boolean> => {
      asked = kindsOf(found);
      return true;
    };
    const { found } = await sweep(context, { dryRun: false, confirm }, listening());
    expect(asked).toEqual([['old', 'load balancer', 'vpc', 'project'], ['older', 'project']]);
    expect(kindsOf(found)).toEqual(asked);
    expect([...account.state.projects.values()].map(({ description }) => description).filter((text) => text.startsWith('todoctl:'))).toEqual([]);
  });

  test('that others have put something into is none of what is left', async () => {
    await using there = await opened();
    const { account, context } = there;
    const [theirs] = [...account.state.vpcs.values()].filter(({ name }) => name === 'their-vpc');
    projectOf(account, 'older').resources.add(`do:vpc:${theirs?.id}`);
    const { found } = await sweep(context, { dryRun: false, confirm: yes }, listening());
    expect(kindsOf(found)).toEqual([['old', 'load balancer', 'vpc']]);
    expect([...account.state.projects.values()].map(({ name }) => name)).toContain('Todo older');
    expect((await sweep(context, { dryRun: false, confirm: yes }, listening())).found).toEqual([]);
  });
});
