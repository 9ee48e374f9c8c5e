import { parseAllDocuments } from 'yaml';
import type { Step } from '../../../engine/step.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import type { Chart } from '../../../systems/system.ts';
import { applyObjects, readBack, type Sent } from '../apply.ts';
import { chartSourceOf } from '../chart-source.ts';
import { readRecords, readRelease } from '../helm-records.ts';
import { stateOfAll } from '../waiting.ts';
import { type Deploying, helmFor } from './deploying.ts';

const USUAL_MS = 5 * 60_000;

/**
 * The kinds that a chart brings, of its version, before the chart itself: helm makes those of `crds/` only when it installs, and never
 * changes them. They carry no label of ours, so that nothing ever prunes them: with a kind go all its objects. Where the release is
 * there in this version its kinds came before it, and helm is not started to see it.
 */
export function crdsStep(deploying: Deploying, chart: Chart): Step {
  const { look, lock, ground: { given } } = deploying;
  let applied: readonly Sent[] | undefined;
  return {
    id: `crds-${chart.release}`,
    title: `Kinds of ${chart.release}`,
    needs: [look],
    timeout: deploying.timeout ?? USUAL_MS,
    makes: chart.provides.map((group) => `kinds of ${group}`),
    async check(run) {
      const { kubernetes, kinds } = run.of(look);
      if (applied) {
        const there = await readBack(applied, kinds, kubernetes);
        return there.length < applied.length ? { is: 'busy', reason: 'they are not all there yet' } : stateOfAll(kubernetes, there, undefined);
      }
      const [newest] = await readRecords(kubernetes, chart.namespace, chart.release);
      if (newest?.status !== 'deployed') return { is: 'drifted', value: undefined, changes: chart.provides.map((group) => ({ what: `kinds of ${group}` })) };
      const [{ version }, installed] = await Promise.all([chartSourceOf(chart), readRelease(kubernetes, chart.namespace, newest)]);
      const there = installed?.chart.metadata.version;
      return there === version ? { is: 'done', value: undefined } : { is: 'drifted', value: undefined, changes: [{ what: `kinds of ${chart.release} ${there ?? ''} become those of ${version}` }] };
    },
    async apply(run) {
      const { kubernetes, kinds } = run.of(look);
      const objects = definitionsIn(await helmFor(deploying, run).crds(chart.release, await chartSourceOf(chart)));
      await applyObjects(objects, { kubernetes, kinds, clock: given.clock, leave: run.leave, progress: run.progress, assertHeld: lock.assertHeld });
      applied = objects;
    },
  };
}

function definitionsIn(text: string): Sent[] {
  return parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false }).flatMap((document) => {
    const object = document.toJS() as KubernetesObject | null;
    return object?.kind === 'CustomResourceDefinition' ? [{ head: object, body: JSON.stringify(object) }] : [];
  });
}
