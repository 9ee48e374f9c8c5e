import type { Change, State, Step } from '../../../engine/step.ts';
import { hasReadiness } from '../../../kubernetes/readiness.ts';
import { identityOf, type KubernetesObject } from '../../../kubernetes/object.ts';
import { applyObjects, readBack } from '../apply.ts';
import type { Change as ObjectChange } from '../compare/change.ts';
import type { Wanted as WantedObject } from '../compare/desired.ts';
import { stateOfAll } from '../waiting.ts';
import { type Deploying, firstLook } from './deploying.ts';
import { nameOf } from './obsolete.ts';
import { keyOfHead, type Looked } from './look.ts';

/** Operators try for five minutes before they say what is wrong, and then again. */
const USUAL_MS = 15 * 60_000;

export interface ObjectsOf {
  id: string;
  title: string;
  objects: readonly WantedObject[];
  needs: readonly Step[];
}

/** Objects of one system that outlive the app: applied server-side where they are not as declared, and ready when their operator says so. */
export function objectsStep(deploying: Deploying, { id, title, objects, needs }: ObjectsOf): Step {
  const { ground: { given }, look, lock } = deploying;
  const judged = objects.filter(({ head }) => hasReadiness(head));
  const isFirst = firstLook(deploying);
  let applied = false;
  return {
    id,
    title,
    needs: [look, ...needs],
    timeout: deploying.timeout ?? USUAL_MS,
    makes: objects.map(({ head }) => `${head.kind} ${head.metadata.name}`),
    async check(run): Promise<State<unknown>> {
      const looked = run.of(look);
      const different = applied ? [] : differing(looked, objects);
      if (different.length > 0) return { is: 'drifted', value: undefined, changes: different.map(({ change }) => changeText(change)) };
      if (judged.length === 0) return { is: 'done', value: undefined };
      const seen = isFirst() ? judged.flatMap(({ head }) => looked.live.get(identityOf(head)) ?? []) : [];
      const there = seen.length === judged.length ? seen : await readBack(judged, looked.kinds, looked.kubernetes);
      if (there.length < judged.length) return { is: 'busy', reason: `${missing(judged, there)} is not there yet` };
      return stateOfAll(looked.kubernetes, there, undefined);
    },
    async apply(run) {
      const looked = run.of(look);
      const { kubernetes, kinds } = looked;
      await applyObjects(differing(looked, objects).map(({ object }) => object), {
        kubernetes, kinds, clock: given.clock, leave: run.leave, progress: run.progress, assertHeld: lock.assertHeld,
      });
      applied = true;
    },
  };
}

/** The objects that are not as declared, each with its change. */
export function differing({ changes }: Pick<Looked, 'changes'>, objects: readonly WantedObject[]): { object: WantedObject; change: ObjectChange }[] {
  return objects.flatMap((object) => {
    const change = changes.get(keyOfHead(object.head));
    return change ? [{ object, change }] : [];
  });
}

/** For a plan and a report: what, and in how many fields. */
export function changeText(change: ObjectChange): Change {
  const { reason, action, fields } = change;
  const what = nameOf(change);
  if (action === 'change' && fields.length > 0) return { what: `${what} (${fields.slice(0, 3).map(({ path }) => path).join(', ')}${fields.length > 3 ? ', …' : ''})` };
  return { what: action === 'create' ? what : `${what}: ${reason}` };
}

function missing(wanted: readonly WantedObject[], there: readonly KubernetesObject[]): string {
  const found = new Set(there.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  return wanted.map(({ head }) => `${head.kind} ${head.metadata.name}`).find((one) => !found.has(one)) ?? '';
}
