// What stops a deploy to DigitalOcean is known before anything that costs is made: the account, this machine, the registry and its images.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../cli/io/clock.ts';
import { openClusterTarget } from '../../../../cli/targets/cluster/target.ts';
import type { Check } from '../../../../cli/providers/provider.ts';
import { type DigitalOcean, startDigitalOcean } from '../../../simulators/digitalocean/start.ts';
import { plainIo } from '../../operations/stage.ts';

const DEFINITION = `
platform: todo
topics: { task-events: { key: task, partitions: 3, retention: 7d } }
services: { audit: { subscribes: [task-events] } }
environments:
  staging: { provider: digitalocean, region: nyc3, nodes: { size: s-2vcpu-4gb, count: 2 }, kafka: { brokers: 1 }, auth: { jwks: https://id.example.com/keys } }
`;

/** The preflight on a machine that has no program at all. */
async function preflight(account: DigitalOcean, env: NodeJS.ProcessEnv = {}): Promise<readonly Check[]> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'preflight-'));
  try {
    await writeFile(path.join(cwd, 'todoctl.yaml'), DEFINITION);
    const never = new AbortController().signal;
    const target = await openClusterTarget({
      io: plainIo, clock: systemClock, cwd, environment: 'staging', stop: never, leave: never,
      env: { PATH: cwd, HOME: cwd, DIGITALOCEAN_API_URL: account.url, DIGITALOCEAN_ACCESS_TOKEN: account.token, ...env },
    });
    return await target.preflight();
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

const wrong = (checks: readonly Check[]): string[] => checks.flatMap(({ title, error }) => (error ? [`${title}: ${error.code}`] : []));

test('a registry whose name somebody else has is found before the cluster is paid for', async () => {
  await using account = await startDigitalOcean();
  expect(account.state.takenNames.has('todo')).toBe(true);
  expect(wrong(await preflight(account))).toEqual(['helm: TODOCTL_HELM_MISSING', 'Images: TODOCTL_REGISTRY_NOT_OURS']);
  expect(account.requests.filter(({ method, path: asked }) => method !== 'GET' && !asked.endsWith('/validate-name'))).toEqual([]);
});

test('a registry that is still to be made has no images: a program that builds them must work', async () => {
  await using account = await startDigitalOcean();
  account.state.takenNames.clear();
  const checks = await preflight(account);
  expect(wrong(checks)).toEqual(['helm: TODOCTL_HELM_MISSING', 'Images: TODOCTL_BUILDER_MISSING']);
  expect(checks.find(({ title }) => title === 'Images')?.error?.details).toEqual(['docker: is not on PATH', 'podman: is not on PATH', 'buildctl: is not on PATH']);
});

test.each([['dop_v1_wrong', 'TODOCTL_DIGITALOCEAN_TOKEN_REFUSED'], [' ', 'TODOCTL_DIGITALOCEAN_NO_TOKEN']])('a token that is no good is told once: "%s"', async (token, code) => {
  await using account = await startDigitalOcean();
  expect(wrong(await preflight(account, { DIGITALOCEAN_ACCESS_TOKEN: token }))).toEqual([`DigitalOcean: ${code}`, 'helm: TODOCTL_HELM_MISSING']);
});
