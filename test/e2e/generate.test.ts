// What `generate` makes is tried as its user would: types fit, the linter is content, its tests pass, and the platform runs it.
import { spawnSync } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestPlatform, PACKAGE, type TestPlatform } from '../support/platform.ts';

const yaml = await readFile(path.join(PACKAGE, 'todoctl.yaml'), 'utf8');
const KINDS = {
  billing: ['--subscribes', 'task-events'],
  ledger: ['--subscribes', 'task-events,reminders', '--database', '--route', '/ledger'],
  'day-feed': ['--listens', 'task-updates', '--publishes', 'reminders', '--invokes', 'task-api', '--state'],
  echo: ['--route', '/echo'],
  keeper: ['--database'],
  silent: [],
};
const names = Object.keys(KINDS);

let project: TestPlatform;
beforeAll(async () => {
  project = await createTestPlatform({ yaml });
  for (const part of ['services', 'cli', 'templates', 'test/support', 'test/services/support', 'test/services/contracts', 'test/lint', 'package.json', 'eslint.config.js', 'vitest.config.ts', 'oclif.manifest.json']) {
    await cp(path.join(PACKAGE, part), path.join(project.folder, part), { recursive: true });
  }
  await symlink(path.join(PACKAGE, 'node_modules'), path.join(project.folder, 'node_modules'));
  for (const [name, flags] of Object.entries(KINDS)) expect(await project.run('generate', 'service', name, ...flags)).toMatchObject({ exit: 0, stderr: '' });
  const config = JSON.parse(await readFile(path.join(PACKAGE, 'tsconfig.json'), 'utf8')) as object;
  await writeFile(path.join(project.folder, 'tsconfig.json'), JSON.stringify({ ...config, include: names.flatMap((name) => [`services/${name}`, `test/services/${name}`]) }));
});
afterAll(() => project?.dispose());

/** Runs one of the project's tools in the folder of the test. */
function tool(name: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(PACKAGE, 'node_modules', name), ...args], { cwd: project.folder, encoding: 'utf8', timeout: 120_000 });
  return { status, output: `${stdout}${stderr}` };
}

describe('generated services', () => {
  test('have types that fit', () => {
    expect(tool('typescript/bin/tsc', '--noEmit')).toEqual({ status: 0, output: '' });
  });

  test('please the linter', () => {
    expect(tool('eslint/bin/eslint.js', ...names.flatMap((name) => [`services/${name}`, `test/services/${name}`]))).toEqual({ status: 0, output: '' });
  });

  test('bring tests that pass', () => {
    const { status, output } = tool('vitest/vitest.mjs', 'run', ...names.map((name) => `test/services/${name}/`));
    expect(output).toMatch(/Test Files .*6 passed/);
    expect(status).toBe(0);
  });

  test('run on the local platform: one is given the event of a task, one answers at its route', async () => {
    const { running } = await project.deploy();
    const created = await fetch(new URL('/api/tasks', running?.entrance), { method: 'POST', headers: { 'content-type': 'application/json', 'x-user-id': 'ann' }, body: JSON.stringify({ title: 'Buy milk' }) });
    expect(created.status).toBe(201);
    const billing = running?.processes.find(({ name }) => name === 'billing-0');
    expect(billing).toMatchObject({ state: 'ready' });
    const counted = async (): Promise<string> => (await fetch(`http://127.0.0.1:${billing?.port}/metrics`)).text();
    await expect.poll(counted, { timeout: 20_000 }).toContain('billing_events_total{topic="task-events"} 1');
    expect(await (await fetch(new URL('/ledger', running?.entrance))).json()).toEqual({ service: 'ledger' });
  });
});
