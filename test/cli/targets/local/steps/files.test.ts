import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { runSteps } from '../../../../../cli/engine/run.ts';
import type { Run, Step } from '../../../../../cli/engine/step.ts';
import { systemClock } from '../../../../../cli/io/clock.ts';
import type { Local } from '../../../../../cli/targets/local/local.ts';
import { pathsOf } from '../../../../../cli/targets/local/paths.ts';
import { portNames } from '../../../../../cli/targets/local/ports.ts';
import { codeStep, daprFilesStep } from '../../../../../cli/targets/local/steps/files.ts';
import { secretsStep, stateStep } from '../../../../../cli/targets/local/steps/ground.ts';
import { platformOf, temporaryFolder, TODO } from '../platforms.ts';

const known = <T>(id: string, value: T): Step<T> => ({ id, title: id, needs: [], timeout: 1000, check: async () => ({ is: 'done', value }) });
const never = new AbortController().signal;
const run = (...steps: Step[]): ReturnType<typeof runSteps> => runSteps(steps, { emit: () => undefined, clock: systemClock, stop: never, leave: never });
const endOf = async (step: Step): Promise<unknown> => {
  const outcome = await run(step);
  if (outcome.error) throw outcome.error;
  return outcome.steps.find((end) => end.step === step.id)?.is;
};

async function localOf(environment?: string, env: NodeJS.ProcessEnv = {}, folder = temporaryFolder()): Promise<Local & { secrets: string[] }> {
  const secrets: string[] = [];
  const platform = await platformOf({ folder, ...(environment ? { environment } : {}) });
  return { platform, paths: pathsOf(folder, 'local'), env, node: process.execPath, packageRoot: temporaryFolder(), redact: (secret) => secrets.push(secret), secrets };
}

function daprStep(local: Local): Step {
  const ports = known('ports', Object.fromEntries(portNames(local.platform).map((name, index) => [name, 21_000 + index])));
  return daprFilesStep(local, ports, secretsStep(local, known('state', undefined)));
}

describe('the Dapr files', () => {
  test('are the rendered objects, and what they refer to in a file of its own', async () => {
    const local = await localOf();
    expect(await endOf(daprStep(local))).toBe('changed');
    const names = readdirSync(local.paths.dapr);
    expect(names).toEqual(expect.arrayContaining(['component-pubsub.yaml', 'component-pubsub-realtime.yaml', 'component-state.yaml', 'subscription-audit-task-events.yaml', 'secrets.json']));
    const objects = names.filter((name) => name.endsWith('.yaml')).map((name) => readFileSync(path.join(local.paths.dapr, name), 'utf8'));
    for (const text of objects) {
      expect(parse(text)).toHaveProperty('kind');
      for (const secret of local.secrets) expect(text).not.toContain(secret);
    }
    const referred = JSON.parse(readFileSync(path.join(local.paths.dapr, 'secrets.json'), 'utf8')) as unknown;
    expect(referred).toEqual({ kafka: { brokers: '127.0.0.1:21001' }, postgres: { uri: expect.stringMatching(/^postgres:\/\/todo_user:[\w-]{32}@127\.0\.0\.1:21002\/todoapp$/) as string } });
    for (const name of names) expect(statSync(path.join(local.paths.dapr, name)).mode & 0o777).toBe(0o600);
  });

  test('stay when they are right; what another definition left goes', async () => {
    const local = await localOf();
    await endOf(daprStep(local));
    expect(await endOf(daprStep(local))).toBe('unchanged');
    writeFileSync(path.join(local.paths.dapr, 'subscription-old.yaml'), 'kind: Subscription');
    expect(await endOf(daprStep(local))).toBe('changed');
    expect(existsSync(path.join(local.paths.dapr, 'subscription-old.yaml'))).toBe(false);
  });

  test('have a hash that changes with what they say', async () => {
    const folder = temporaryFolder();
    const hash = async (environment?: string): Promise<string | undefined> => {
      const step = daprStep(await localOf(environment, {}, folder)) as Step<{ hash: string }>;
      return (await run(step)).of(step)?.hash;
    };
    const first = await hash();
    expect(await hash()).toBe(first);
    expect(await hash('provider: local, kafka: { bootstrap: "other:9092" }')).not.toBe(first);
  });

  test('with a PostgreSQL of one\'s own its URL goes everywhere, by file', async () => {
    const url = 'postgres://me:s3cret@db:5432/mine';
    const local = await localOf('provider: local, postgres: { url: { env: URL } }, auth: { key: { env: KEY } }', { URL: url, KEY: 'signing key' });
    await endOf(daprStep(local));
    expect(readFileSync(path.join(local.paths.secrets, 'database-url'), 'utf8')).toBe(`${url}\n`);
    expect(readFileSync(path.join(local.paths.secrets, 'auth-key'), 'utf8')).toBe('signing key\n');
    expect(local.secrets).toEqual(expect.arrayContaining([url, 'signing key']));
  });
});

describe('the services\' code', () => {
  const yaml = TODO.replace(/services:[^]*environments/, 'services:\n  hello: { route: / }\nenvironments').replace(/topics:[^]*services/, 'topics: {}\nservices');

  test('of the project is bundled once, and again when it changes', async () => {
    const local = await localOf();
    const platform = await platformOf({ yaml, folder: local.paths.root });
    const source = path.join(local.paths.root, 'services/hello/main.ts');
    mkdirSync(path.dirname(source), { recursive: true });
    writeFileSync(source, 'console.log(1);');
    const step = (): Step<Record<string, { hash: string; entry: string }>> => codeStep({ ...local, platform }, known('state', undefined));
    expect(await endOf(step())).toBe('changed');
    expect(await endOf(step())).toBe('unchanged');
    const first = step();
    const before = (await run(first)).of(first)?.['hello'];
    expect(before?.entry).toBe(path.join(local.paths.build, 'hello/main.js'));
    writeFileSync(source, 'console.log(22);');
    const second = step();
    expect((await run(second)).of(second)?.['hello']?.hash).not.toBe(before?.hash);
  });

  test('that could not be bundled after a Ctrl-C is interrupted, for the terminal has ended esbuild too', async () => {
    const local = await localOf();
    const platform = await platformOf({ yaml, folder: local.paths.root });
    mkdirSync(path.join(local.paths.root, 'services/hello'), { recursive: true });
    writeFileSync(path.join(local.paths.root, 'services/hello/main.ts'), 'const = 1;');
    const bundling = (stop: AbortSignal): Promise<void> | undefined => codeStep({ ...local, platform }, known('state', undefined)).apply?.({ stop } as Run);
    await expect(bundling(AbortSignal.abort())).rejects.toMatchObject({ code: 'TODOCTL_INTERRUPTED' });
    await expect(bundling(new AbortController().signal)).rejects.toMatchObject({ code: 'TODOCTL_BUNDLE_FAILED' });
  });

  test('is missing: refused, whoever asks', async () => {
    const local = await localOf();
    const platform = await platformOf({ yaml, folder: local.paths.root });
    await expect(endOf(codeStep({ ...local, platform }, known('state', undefined)))).rejects.toMatchObject({ code: 'TODOCTL_SERVICE_MISSING' });
  });
});

test('the state folder is made for its owner alone', async () => {
  const local = await localOf();
  expect(await endOf(stateStep(local, known('lock', undefined)))).toBe('changed');
  expect(await endOf(stateStep(local, known('lock', undefined)))).toBe('unchanged');
  expect(statSync(local.paths.state).mode & 0o777).toBe(0o700);
  expect(readdirSync(local.paths.state)).toEqual(['build', 'config', 'dapr', 'data', 'logs', 'secrets']);
});
