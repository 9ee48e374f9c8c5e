import type { State, Step } from '../../../engine/step.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import { reasonOf } from '../../../kubernetes/failures.ts';
import { readObject } from '../../../kubernetes/read.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import { readAllRecords } from '../helm-records.ts';
import { type Deploying, firstLook, helmFor } from './deploying.ts';
import { nameOf, type ObsoleteObject, obsoleteReleases } from './obsolete.ts';

const USUAL_MS = 5 * 60_000;
const DELETE = JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' });

interface Ending {
  metadata: { deletionTimestamp?: string; finalizers?: readonly string[] };
}

/**
 * Removes the objects that an earlier deploy made and nothing renders any more, by the labels of this environment alone. Each is told with
 * its reason before any goes. After all else: what is new stands by then.
 */
export function pruneStep(deploying: Deploying, needs: readonly Step[]): Step {
  const { look, lock, timeout } = deploying;
  return {
    id: 'prune',
    title: 'Remove what is no longer wanted',
    needs: [look, ...needs],
    timeout: timeout ?? USUAL_MS,
    async check(run): Promise<State<unknown>> {
      const { kubernetes, obsolete } = run.of(look);
      const left = await stillThere(kubernetes, obsolete);
      if (left.length === 0) return { is: 'done', value: undefined };
      const staying = left.filter(({ there }) => there.metadata.deletionTimestamp === undefined);
      if (staying.length > 0) return { is: 'drifted', value: undefined, changes: staying.map(({ change }) => ({ what: `${nameOf(change)}: ${change.reason}` })) };
      const [{ change, there }] = left as [(typeof left)[number]];
      const held = there.metadata.finalizers ?? [];
      return { is: 'busy', reason: `${nameOf(change)} is ending${held.length > 0 ? `, held by the finalizer ${held.join(', ')}` : ''}` };
    },
    async apply(run) {
      const { kubernetes, obsolete } = run.of(look);
      const left = await stillThere(kubernetes, obsolete);
      for (const { change } of left) run.progress(`${nameOf(change)}: ${change.reason}`);
      for (const { path, change } of left) {
        lock.assertHeld();
        const { status, body } = await kubernetes.ask(path, { method: 'DELETE', body: DELETE });
        if (status >= 400 && status !== 404) throw new TodoctlError('TODOCTL_OBJECT_REFUSED', { message: `${nameOf(change)} cannot be deleted: ${reasonOf(body)}` });
      }
    },
  };
}

/** Removes the Helm releases of this environment that it has no more; after the objects whose finalizers their operators take away. */
export function pruneReleasesStep(deploying: Deploying, prune: Step): Step {
  const { look, lock, timeout } = deploying;
  const isFirst = firstLook(deploying);
  return {
    id: 'prune-releases',
    title: 'Remove charts that are no longer wanted',
    needs: [look, prune],
    timeout: timeout ?? USUAL_MS,
    async check(run): Promise<State<unknown>> {
      const { kubernetes, records } = run.of(look);
      const left = obsoleteReleases(isFirst() ? records : await readAllRecords(kubernetes), deploying);
      return left.length === 0 ? { is: 'done', value: undefined } : { is: 'drifted', value: undefined, changes: left.map(({ release, namespace }) => ({ what: `HelmRelease ${namespace}/${release}` })) };
    },
    async apply(run) {
      for (const { release, namespace } of obsoleteReleases(await readAllRecords(run.of(look).kubernetes), deploying)) {
        run.progress(`HelmRelease ${namespace}/${release}: the environment has it no more`);
        lock.assertHeld();
        await helmFor(deploying, run).uninstall(release, namespace);
      }
    },
  };
}

async function stillThere(kubernetes: Kubernetes, obsolete: readonly ObsoleteObject[]): Promise<(ObsoleteObject & { there: Ending })[]> {
  const found = await Promise.all(obsolete.map(async (one) => ({ one, there: await readObject<Ending & { metadata: { uid?: string } }>(kubernetes, one.path) })));
  // Another object of the same name is not the one that was listed.
  return found.flatMap(({ one, there }) => (there && there.metadata.uid === one.uid ? [{ ...one, there }] : []));
}
