import { parseAllDocuments } from 'yaml';
import type { Step } from '../../../engine/step.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { listObjects } from '../../../kubernetes/read.ts';
import type { Chart } from '../../../systems/system.ts';
import { applyObjects, readBack, type Sent } from '../apply.ts';
import { chartSourceOf } from '../chart-source.ts';
import { readRelease, recordsIfAllowed } from '../helm-records.ts';
import { MADE_FOR, madeFor, marksOf } from '../marks.ts';
import { stateOfAll } from '../waiting.ts';
import { type Deploying, firstLook, helmFor } from './deploying.ts';
import { isAsGiven } from './given-to-helm.ts';

const USUAL_MS = 5 * 60_000;

/**
 * The kinds that a chart brings, of its version, before the chart itself: helm makes those of `crds/` only when it installs, and never
 * changes them. They carry no label of ours, so that nothing ever prunes them: with a kind go all its objects. Those that were not there
 * before say for whom they were made, so that a teardown leaves those of others. Where the release is there in this version its kinds
 * came before it, and helm is not started to see it; who may not see the release looks after its kinds no more than after itself.
 * `values`: what is given to the chart.
 */
export function crdsStep(deploying: Deploying, chart: Chart, values: string): Step {
  const { look, lock, ground: { given } } = deploying;
  const isFirst = firstLook(deploying);
  let applied: readonly Sent[] | undefined;
  return {
    id: `crds-${chart.release}`,
    title: `Kinds of ${chart.release}`,
    needs: [look],
    timeout: deploying.timeout ?? USUAL_MS,
    makes: chart.provides.map((group) => `kinds of ${group}`),
    async check(run) {
      const { kubernetes, kinds, records: all } = run.of(look);
      if (applied) {
        const there = await readBack(applied, kinds, kubernetes);
        return there.length < applied.length ? { is: 'busy', reason: 'they are not all there yet' } : stateOfAll(kubernetes, there, undefined);
      }
      const seen = isFirst() ? all?.get(`${chart.namespace}/${chart.release}`) : undefined;
      const records = seen?.[0]?.status === 'deployed' ? seen : await recordsIfAllowed(kubernetes, chart.namespace, chart.release);
      if (!records) return { is: 'done', value: undefined };
      const [newest] = records;
      if (newest?.status !== 'deployed') return { is: 'drifted', value: undefined, changes: chart.provides.map((group) => ({ what: `kinds of ${group}` })) };
      const source = await chartSourceOf(chart);
      if (isAsGiven(newest, source, values)) return { is: 'done', value: undefined };
      const there = (await readRelease(kubernetes, chart.namespace, newest))?.chart.metadata.version;
      return there === source.version ? { is: 'done', value: undefined } : { is: 'drifted', value: undefined, changes: [{ what: `kinds of ${chart.release} ${there ?? ''} become those of ${source.version}` }] };
    },
    async apply(run) {
      const { kubernetes, kinds } = run.of(look);
      const [text, known] = await Promise.all([chartSourceOf(chart).then((source) => helmFor(deploying, run).crds(chart.release, source)), madeForWhom(kubernetes)]);
      const mark = madeFor(marksOf(deploying.ground), chart.release);
      const objects = definitionsIn(text, (name) => (known.has(name) && known.get(name) !== mark ? {} : { [MADE_FOR]: mark }));
      await applyObjects(objects, { kubernetes, kinds, clock: given.clock, leave: run.leave, progress: run.progress, assertHeld: lock.assertHeld });
      applied = objects;
    },
  };
}

/** Every kind that is defined, and for whom it was made, where it says so. */
async function madeForWhom(kubernetes: Kubernetes): Promise<ReadonlyMap<string, string | undefined>> {
  const there = await listObjects<KubernetesObject>(kubernetes, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {}, 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io');
  return new Map(there.map(({ metadata: { name, annotations } }) => [name, annotations?.[MADE_FOR]]));
}

function definitionsIn(text: string, marks: (name: string) => Record<string, string>): Sent[] {
  return parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false }).flatMap((document) => {
    const object = document.toJS() as KubernetesObject | null;
    if (object?.kind !== 'CustomResourceDefinition') return [];
    const { metadata } = object;
    return [{ head: object, body: JSON.stringify({ ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...marks(metadata.name) } } }) }];
  });
}
