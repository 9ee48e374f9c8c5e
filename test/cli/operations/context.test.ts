import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../cli/io/clock.ts';
import { processIo } from '../../../cli/io/io.ts';
import { type Context, createContext } from '../../../cli/operations/context.ts';
import { minimal, refusal } from '../../support/definition.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const never = new AbortController().signal;

async function contextIn(definition: string | undefined, environment: string): Promise<Context> {
  const cwd = await temporaryFolder();
  if (definition !== undefined) await writeFile(path.join(cwd, 'todoctl.yaml'), definition);
  return createContext({ io: processIo({}), clock: systemClock, env: {}, cwd, environment, stop: never, leave: never });
}

describe('the target', () => {
  test('is opened once, however often it is asked for', async () => {
    const context = await contextIn(minimal(), 'local');
    expect(await context.target()).toBe(await context.target());
  });

  test('of a provider that this version cannot run is refused', async () => {
    const context = await contextIn(minimal('  prod: { provider: oracle }\n'), 'prod');
    const error = await refusal((await context.target()).resources());
    expect(error.toJSON()).toMatchObject({
      code: 'TODOCTL_PROVIDER_UNSUPPORTED',
      message: 'The environment prod is of provider oracle, which this version cannot run',
    });
  });

  test('of an unknown environment is refused with the nearest name', async () => {
    const context = await contextIn(minimal(), 'lcoal');
    expect((await refusal(context.target())).toJSON()).toMatchObject({ code: 'TODOCTL_ENVIRONMENT_UNKNOWN', next: ['Did you mean --env local?'] });
  });

  test('of a broken definition is refused with what is wrong, unless something of it is here already', async () => {
    const context = await contextIn('platform: [', 'local');
    expect((await refusal(context.target())).code).toBe('TODOCTL_DEFINITION_NOT_YAML');
    await mkdir(path.join(context.cwd, '.todoctl/local/logs'), { recursive: true });
    const again = createContext(context);
    expect((await (await again.target()).resources()).map(({ name }) => name)).toEqual(['.todoctl/local/logs']);
  });

  test('of an environment that the definition has no more is opened while something of it is here', async () => {
    const context = await contextIn(minimal(), 'earlier');
    await mkdir(path.join(context.cwd, '.todoctl/earlier/data'), { recursive: true });
    expect((await (await context.target()).resources()).map(({ name }) => name)).toEqual(['.todoctl/earlier/data']);
  });

  test('needs a definition', async () => {
    const context = await contextIn(undefined, 'local');
    expect((await refusal(context.target())).code).toBe('TODOCTL_DEFINITION_NOT_FOUND');
  });
});
