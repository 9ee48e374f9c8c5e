import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { deployedHere } from '../../../../cli/targets/local/deployed.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

async function project(files: Record<string, string>): Promise<string> {
  const cwd = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(cwd, name)), { recursive: true });
    await writeFile(path.join(cwd, name), content);
  }
  return cwd;
}

test('an environment with ports of its own is deployed here, also when todoctl.yaml is broken and seen from a folder below', async () => {
  const cwd = await project({ 'todoctl.yaml': '{', '.todoctl/local/ports.json': '{}', 'below/file': '' });
  expect(await deployedHere({ cwd, environment: 'local' })).toBe(true);
  expect(await deployedHere({ cwd: path.join(cwd, 'below'), environment: 'local' })).toBe(true);
});

test.each([
  ['another environment', { 'todoctl.yaml': '', '.todoctl/local/ports.json': '{}' }, 'staging'],
  ['an environment of a cluster, which has a folder but no ports', { 'todoctl.yaml': '', '.todoctl/prod/kubeconfig': '' }, 'prod'],
  ['a folder without a definition', { '.todoctl/local/ports.json': '{}' }, 'local'],
  ['a name that is a path', { 'todoctl.yaml': '', '.todoctl/local/ports.json': '{}' }, '../.todoctl/local'],
])('%s is not', async (_, files, environment) => {
  expect(await deployedHere({ cwd: await project(files), environment })).toBe(false);
});
