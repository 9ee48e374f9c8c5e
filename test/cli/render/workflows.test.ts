import path from 'node:path';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openTemplates } from '../../../cli/render/templates.ts';
import { workflows } from '../../../cli/render/workflows.ts';

interface Workflow {
  name: string;
  on: Record<string, { tags?: string[]; branches?: string[]; workflows?: string[] } | null>;
  permissions: Record<string, string>;
  jobs: Record<string, { environment?: string; permissions?: Record<string, string>; 'timeout-minutes': number; steps: { uses?: string; run?: string; with?: Record<string, unknown> }[] }>;
}

const made = workflows([{ name: 'staging', protected: false }, { name: 'prod', protected: true }], 'todoctl.yaml', openTemplates());
const all = new Map(made.map(({ path: file, text }) => [path.basename(file, '.yml'), parse(text) as Workflow]));
const of = (name: string): Workflow => all.get(name) ?? expect.fail(`no workflow ${name}`);
const steps = [...all.values()].flatMap(({ jobs }) => Object.values(jobs).flatMap((job) => job.steps));

test('one for each thing that a pipeline does', () => {
  expect([...all.keys()]).toEqual(['build', 'build-push', 'deploy-staging', 'deploy-prod', 'drift-detection']);
  for (const [file, { name }] of all) expect(name).toBe(file);
});

describe('nothing runs with more rights than it needs', () => {
  test('code may be read, and drift may write an issue', () => {
    for (const { permissions } of all.values()) expect(permissions).toEqual({ contents: 'read' });
    const more = [...all].flatMap(([name, { jobs }]) => Object.values(jobs).flatMap((job) => (job.permissions ? [[name, job.permissions]] : [])));
    expect(more).toEqual([['drift-detection', { contents: 'read', issues: 'write' }]]);
  });

  test('every action is pinned by commit, and a checkout leaves no credentials behind', () => {
    const uses = steps.filter((step) => step.uses !== undefined);
    for (const step of uses) expect(step.uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    for (const step of uses.filter((one) => one.uses?.startsWith('actions/checkout'))) expect(step.with).toMatchObject({ 'persist-credentials': false });
  });

  test('a secret is in the environment of a job, never in a command', () => {
    for (const { run } of steps) expect(run ?? '').not.toMatch(/\$\{\{/);
  });

  test('every job ends', () => {
    for (const { jobs } of all.values()) for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(90);
  });
});

describe('what starts a deploy', () => {
  test('a tag, of a protected environment; images that were pushed, of another', () => {
    expect(of('deploy-prod').on['push']).toEqual({ tags: ['v*'] });
    expect(of('deploy-prod').on).not.toHaveProperty('workflow_run');
    expect(of('deploy-staging').on['workflow_run']).toMatchObject({ workflows: ['build-push'] });
    expect(of('deploy-staging').on).not.toHaveProperty('push');
  });

  test('images are there before it: pushed by it, or by what it waited for', () => {
    const commands = (workflow: string): string[] => Object.values(of(workflow).jobs).flatMap((job) => job.steps.flatMap(({ run = '' }) => /run\.js (\w+(?: \w+)?) --env (\w+)/.exec(run)?.slice(1, 3).join(' ') ?? []));
    expect(commands('deploy-prod')).toEqual(['images build prod', 'images scan prod', 'images push prod', 'plan prod', 'deploy prod', 'smoke prod']);
    expect(commands('deploy-staging')).toEqual(['plan staging', 'deploy staging', 'smoke staging']);
    expect(commands('build-push')).toEqual(['images build staging', 'images scan staging', 'images push staging']);
    // Two that push on the same tag would race with the deploy of that tag.
    expect(of('build-push').on['push']).toEqual({ branches: ['main'] });
  });

  test('GitHub’s environment of the same name asks for its approval', () => {
    expect([of('deploy-staging').jobs['deploy']?.environment, of('deploy-prod').jobs['deploy']?.environment]).toEqual(['staging', 'prod']);
  });
});

test('what a pipeline runs of todoctl names an environment of the definition', () => {
  const lines = steps.flatMap(({ run = '' }) => run.split('\n')).filter((line) => line.includes('bin/run.js'));
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines) expect(line).toMatch(/--env (?:staging|prod|"\$ENVIRONMENT")/);
});

test('without a cluster there is only the build', () => {
  expect(workflows([], 'todoctl.yaml', openTemplates()).map(({ path: file }) => file)).toEqual(['.github/workflows/build.yml']);
});

test('the committed ones are those that the definition gives', () => {
  const root = path.resolve(import.meta.dirname, '../../..');
  for (const { path: file, text } of made) expect(readFileSync(path.join(root, file), 'utf8'), `${file}: run todoctl generate workflow --out .`).toBe(text);
});
