// What a service asks of a node: defaults, what an environment changes, and what no node could ever give.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServiceResources } from '../../../cli/definition/platform.ts';
import { load, minimal, refusal } from '../../support/definition.ts';

const withResources = (resources: string, here = ''): string => minimal(here === '' ? '' : `  here: { provider: local, services: { task-api: { resources: ${here} } } }\n`).replace('route:', `resources: ${resources}, route:`);
const resourcesOf = async (resources: string, here?: string): Promise<ServiceResources | undefined> => (await load(withResources(resources, here), here === undefined ? 'local' : 'here')).services[0]?.resources;

describe('what is left out', () => {
  test('is small, with room above it', async () => {
    expect((await load(minimal())).services[0]?.resources).toEqual({ cpu: 100, memory: 192, cpuLimit: 1000, memoryLimit: 384 });
    expect(await resourcesOf('{ cpu: 200, memory: 1GiB }')).toEqual({ cpu: 200, memory: 1024, cpuLimit: 2000, memoryLimit: 2048 });
  });

  test('is never more than a limit that stands alone', async () => {
    expect(await resourcesOf('{ cpuLimit: 50, memoryLimit: 64MiB }')).toEqual({ cpu: 50, memory: 64, cpuLimit: 50, memoryLimit: 64 });
    expect(await resourcesOf('{ cpuLimit: 4000, memoryLimit: 1GiB }')).toEqual({ cpu: 100, memory: 192, cpuLimit: 4000, memoryLimit: 1024 });
  });
});

test('an environment changes what it names', async () => {
  expect(await resourcesOf('{ cpu: 200, memory: 1GiB }', '{ memory: 512MiB, cpuLimit: 300 }')).toEqual({ cpu: 200, memory: 512, cpuLimit: 300, memoryLimit: 1024 });
});

test('a part of a MiB counts as a whole one', async () => {
  expect(await resourcesOf('{ memory: 100MB }')).toMatchObject({ memory: 96 });
});

test('a request is never above its limit: right, or refused', async () => {
  const amount = fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.record({ cpu: amount, cpuLimit: amount, memory: amount, memoryLimit: amount }), async ({ cpu, cpuLimit, memory, memoryLimit }) => {
      const said = Object.entries({ cpu, cpuLimit, memory: memory && `${memory}MiB`, memoryLimit: memoryLimit && `${memoryLimit}MiB` }).filter(([, value]) => value !== undefined);
      const text = `{ ${said.map(([key, value]) => `${key}: ${value}`).join(', ')} }`;
      const crossed = (cpu ?? 0) > (cpuLimit ?? Infinity) || (memory ?? 0) > (memoryLimit ?? Infinity);
      if (crossed) {
        expect((await refusal(load(withResources(text)))).message).toMatch(/asks for more (?:cpu|memory) than its limit|mistakes/);
        return;
      }
      const found = await resourcesOf(text);
      expect(found?.cpu).toBeLessThanOrEqual(found?.cpuLimit ?? 0);
      expect(found?.memory).toBeLessThanOrEqual(found?.memoryLimit ?? 0);
    }),
    { numRuns: 40 },
  );
});

test('limits that cross are refused, also when only one of them is an environment’s', async () => {
  const error = await refusal(load(withResources('{ memory: 1GiB }', '{ memoryLimit: 512MiB }')));
  expect(error).toMatchObject({ code: 'TODOCTL_DEFINITION_BAD_VALUE', message: 'environments.here.services.task-api.resources asks for more memory than its limit' });
});
