// How long a deploy takes when each step takes as long as it was seen to take: no longer than the longest chain of needs.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runSteps } from '../../../../cli/engine/run.ts';
import type { Step } from '../../../../cli/engine/step.ts';
import { withNeeds } from '../../../../cli/engine/graph.ts';
import { loadPlatform } from '../../../../cli/definition/load.ts';
import type { Cluster, Provider } from '../../../../cli/providers/provider.ts';
import { SYSTEM_SCHEMAS } from '../../../../cli/systems/all.ts';
import { deploySteps } from '../../../../cli/targets/cluster/deploy.ts';
import type { Ground } from '../../../../cli/targets/cluster/ground.ts';
import { wantedOf } from '../../../../cli/targets/cluster/wanted.ts';
import { VirtualClock } from '../../engine/virtual-clock.ts';
import { contextOn, targetWith } from '../../operations/stage.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const DEFINITION = `platform: todo
topics:
  task-events: { key: task }
services:
  task-api: { route: /api, publishes: [task-events], database: true }
  audit: { subscribes: [task-events], database: true }
environments:
  local: { provider: local }
  far: { provider: existing, context: admin, kafka: { brokers: 1 }, auth: { jwks: https://id.example.com/keys }, registry: { server: ghcr.io, repository: me/todo } }
`;

/** The steps of a deploy, as they are before any of them ran. */
async function stepsOf(): Promise<readonly Step[]> {
  const cwd = await temporaryFolder();
  await writeFile(path.join(cwd, 'todoctl.yaml'), DEFINITION);
  const platform = await loadPlatform({ cwd, environment: 'far', env: {}, systems: SYSTEM_SCHEMAS });
  const never = (): never => {
    throw new Error('nothing is asked before a step runs');
  };
  const made = (id: string): Step<never> => ({ id, title: id, needs: [], timeout: 1, check: never });
  const cluster: Step<Cluster> = made('cluster');
  const provider: Provider = { name: 'test', preflight: never, cluster: never, resources: never, steps: async () => ({ cluster }) };
  const { io, clock, stop, leave } = contextOn(targetWith());
  const ground: Ground = {
    given: { io, clock, stop, leave, env: {}, cwd, environment: 'far' },
    peek: { platform: 'todo', root: cwd, file: 'todoctl.yaml', environments: ['far'], provider: 'existing', settings: {} },
    folder: path.join(cwd, '.todoctl/far'),
    platform: async () => platform, wanted: () => wantedOf(platform), provider: async () => provider, cluster: never, kubernetes: never, open: never,
  };
  return withNeeds(await deploySteps(ground));
}

/**
 * Seconds of each step in one first deploy into an empty cluster, from its events: a real API server and real Helm, operators and pods
 * that are ready at once, as in test/real/deploy.real.test.ts. Steps that are not here took less than a twentieth of a second.
 */
const SEEN: Readonly<Record<string, number>> = {
  look: 2.386, namespaces: 0.119, 'crds-strimzi': 1.089, 'crds-dapr': 0.723, 'crds-kube-prometheus-stack': 0.805, secrets: 0.74, access: 0.179, postgres: 0.567,
  'helm-strimzi': 1.955, 'helm-dapr': 1.764, 'helm-kube-prometheus-stack': 2.025, 'helm-jaeger': 2.328, kafka: 0.584, app: 2.56,
};
/** A cluster that pulls images takes minutes where that one took seconds, and a step is looked at every second or so. */
const SLOWER = 60;

/** The same graph, each step done after its time. */
function timed(steps: readonly Step[], clock: VirtualClock, seconds: (id: string) => number): Step[] {
  const copies = new Map<Step, Step>();
  for (const step of steps) {
    let asked: number | undefined;
    copies.set(step, {
      ...step, timeout: 1e9, needs: step.needs.map((need) => copies.get(need) as Step),
      check: async () => (asked !== undefined && clock.now() >= asked + seconds(step.id) * 1000 ? { is: 'done', value: undefined } : asked === undefined ? { is: 'absent' } : { is: 'busy', reason: 'under way' }),
      apply: async () => void (asked = clock.now()),
    });
  }
  return [...copies.values()];
}

function critical(steps: readonly Step[], seconds: (id: string) => number): number {
  const ends = new Map<Step, number>();
  for (const step of steps) ends.set(step, Math.max(0, ...step.needs.map((need) => ends.get(need) ?? 0)) + seconds(step.id) * 1000);
  return Math.max(...ends.values());
}

async function makespan(steps: readonly Step[], seconds: (id: string) => number): Promise<number> {
  const clock = new VirtualClock();
  const never = new AbortController().signal;
  const { ok } = await runSteps(timed(steps, clock, seconds), { emit: () => undefined, clock, stop: never, leave: never });
  expect(ok).toBe(true);
  return clock.now();
}

describe('a deploy', () => {
  test('takes no longer than its longest chain of needs: 1.02 of it at most', async () => {
    const steps = await stepsOf();
    const seconds = (id: string): number => (SEEN[id] ?? 0.05) * SLOWER;
    expect((await makespan(steps, seconds)) / critical(steps, seconds)).toBeLessThanOrEqual(1.02);
  });

  test('whatever takes long, if it takes minutes', { timeout: 90_000 }, async () => {
    const steps = await stepsOf();
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 60, max: 120 })), async (stream) => {
        const drawn = new Map<string, number>();
        const seconds = (id: string): number => {
          const known = drawn.get(id) ?? (stream.next().value as number);
          drawn.set(id, known);
          return known;
        };
        expect((await makespan(steps, seconds)) / critical(steps, seconds)).toBeLessThanOrEqual(1.02);
      }),
      { numRuns: 2 },
    );
  });

  test('builds images while the cluster comes up, and charts side by side', async () => {
    const steps = await stepsOf();
    const needs = (id: string): string[] => withNeeds(steps.find((step) => step.id === id)?.needs ?? []).map((step) => step.id);
    expect(needs('images')).not.toContain('cluster');
    expect(needs('helm-dapr')).not.toContain('helm-strimzi');
    expect(needs('kafka')).toEqual(expect.arrayContaining(['helm-strimzi', 'crds-strimzi', 'namespaces', 'look', 'lock']));
    expect(needs('postgres')).not.toContain('kafka');
    expect(needs('app')).toEqual(expect.arrayContaining(['kafka', 'postgres', 'helm-dapr', 'secrets', 'images']));
    expect(needs('prune')).toEqual(expect.arrayContaining(['service-task-api', 'smoke-task']));
  });
});
