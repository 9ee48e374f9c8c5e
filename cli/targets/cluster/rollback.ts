import type { Step } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { lookAtImages } from '../../images/make.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { listObjects } from '../../kubernetes/read.ts';
import type { Cluster } from '../../providers/provider.ts';
import type { Revision } from '../target.ts';
import type { Ground } from './ground.ts';
import { Helm } from './helm.ts';
import { readRecords, readRelease, type ReleaseRecord } from './helm-records.ts';
import { marksOf, type Marks } from './marks.ts';
import { tagsIn } from './images.ts';
import { refuseRollbackWithoutRights } from './refuse-rights.ts';
import { imagesGiven, registryIfAny } from './registry.ts';
import { openLock } from './steps/lock.ts';
import { stateOfAll } from './waiting.ts';

const MINUTE = 60_000;
/** What can be gone back to: what once was up. */
const USABLE = new Set<ReleaseRecord['status']>(['deployed', 'superseded']);

/** Deploys of the app that Helm still knows, newest first. Errors: TODOCTL_NOT_DEPLOYED, TODOCTL_CLUSTER_*. */
export async function revisionsOf(kubernetes: Kubernetes, marks: Marks): Promise<Revision[]> {
  const records = await readRecords(kubernetes, marks.namespace, marks.release);
  return Promise.all(records.map(async (record): Promise<Revision> => {
    const kept = (await readRelease(kubernetes, marks.namespace, record)) as { info?: { description?: string } } | undefined;
    return { revision: record.revision, at: record.at, state: stateOf(record), description: kept?.info?.description ?? '' };
  }));
}

/** The revision that is meant: `wanted`, or the last one before the newest that was up. Errors: TODOCTL_REVISION_UNKNOWN, TODOCTL_NOT_DEPLOYED where there is none. */
export function chooseRevision(records: readonly ReleaseRecord[], wanted: number | undefined): ReleaseRecord {
  const [newest, ...older] = records;
  if (wanted === undefined) {
    const last = older.find(({ status }) => USABLE.has(status));
    if (last) return last;
    if (!newest) throw new TodoctlError('TODOCTL_NOT_DEPLOYED', { message: 'Nothing was ever deployed' });
    throw unknown('There is no revision before this one to go back to', records);
  }
  const found = records.find(({ revision }) => revision === wanted);
  if (found && USABLE.has(found.status)) return found;
  throw unknown(found ? `Revision ${wanted} is ${found.status}: nothing to go back to` : `There is no revision ${wanted}`, records);
}

/**
 * Takes the release of the app back to a revision: code, configuration, Dapr objects and policies at once. Topics, users, data and Secrets
 * are not of that release, and stay. Errors of a step: TODOCTL_REVISION_UNUSABLE where its images are gone, TODOCTL_RELEASE_FAILED,
 * TODOCTL_WORKLOAD_FAILING, TODOCTL_LOCKED.
 */
export async function rollbackSteps(ground: Ground, to: number | undefined): Promise<Step[]> {
  const marks = marksOf(ground);
  const cluster = await ground.cluster();
  const kubernetes = ground.open(cluster);
  const chosen = chooseRevision(await readRecords(kubernetes, marks.namespace, marks.release), to);
  await refuseRollbackWithoutRights(kubernetes, () => ground.wanted());
  const reach: Step<Cluster> = { id: 'cluster', title: 'Cluster', needs: [], timeout: MINUTE, check: async () => ({ is: 'done', value: cluster }) };
  const registry = registryIfAny(await ground.platform(), ground.given, (await (await ground.provider()).steps()).registry);
  const images: Step | undefined = registry && {
    id: 'images', title: `Images of revision ${chosen.revision}`, needs: [registry], timeout: 2 * MINUTE,
    async check(run) {
      const kept = await readRelease(kubernetes, marks.namespace, chosen);
      const { missing } = await lookAtImages(tagsIn(kept?.config), run.of(registry), imagesGiven(ground));
      if (missing.length === 0) return { is: 'done', value: undefined };
      return { is: 'stuck', error: new TodoctlError('TODOCTL_REVISION_UNUSABLE', { message: `Revision ${chosen.revision} cannot be gone back to: ${missing.length === 1 ? 'an image of it is' : 'images of it are'} gone`, details: missing.map((tag) => `tag ${tag}`) }) };
    },
  };
  const lock = openLock(ground, reach, 'rollback');
  const back: Step = {
    id: 'rollback', title: `Back to revision ${chosen.revision}`, needs: [lock.step, ...(images ? [images] : [])], timeout: 10 * MINUTE,
    makes: [`release ${marks.release} as of revision ${chosen.revision}`],
    async check() {
      const [newest] = await readRecords(kubernetes, marks.namespace, marks.release);
      const kept = newest && ((await readRelease(kubernetes, marks.namespace, newest)) as { info?: { description?: string } } | undefined);
      const there = newest?.status === 'deployed' && (newest.revision === chosen.revision || kept?.info?.description === `Rollback to ${chosen.revision}`);
      if (there) return { is: 'done', value: undefined };
      return { is: 'drifted', value: undefined, changes: [{ what: `release ${marks.release}`, from: `revision ${newest?.revision ?? '?'}`, to: `revision ${chosen.revision}` }] };
    },
    async apply() {
      lock.assertHeld();
      await new Helm({ folder: ground.folder, kubeconfig: cluster.kubeconfig, env: ground.given.env, redactor: ground.given.io.redactor }).rollback(marks.release, marks.namespace, chosen.revision);
    },
  };
  const ready: Step = {
    id: 'ready', title: 'The services are ready', needs: [back], timeout: 10 * MINUTE, act: true,
    check: async () => stateOfAll(kubernetes, await deploymentsOf(kubernetes, marks), undefined),
  };
  return [reach, ...(registry && images ? [registry, images] : []), lock.step, back, ready];
}

/** The Deployments of the services as they are now. */
export async function deploymentsOf(kubernetes: Kubernetes, { namespace, labels }: Marks): Promise<KubernetesObject[]> {
  const found = await listObjects<KubernetesObject>(kubernetes, `/apis/apps/v1/namespaces/${namespace}/deployments`, { ...labels, 'todoctl.io/system': 'app' });
  return found.map((object) => ({ ...object, apiVersion: 'apps/v1', kind: 'Deployment' }));
}

function stateOf({ status }: ReleaseRecord): Revision['state'] {
  if (status === 'deployed' || status === 'superseded') return status;
  return status.startsWith('pending') ? 'pending' : 'failed';
}

function unknown(message: string, records: readonly ReleaseRecord[]): TodoctlError {
  const there = records.filter(({ status }) => USABLE.has(status)).map(({ revision }) => revision);
  return new TodoctlError('TODOCTL_REVISION_UNKNOWN', { message, details: there.length > 0 ? [`There are: ${there.join(', ')}`] : [] });
}
