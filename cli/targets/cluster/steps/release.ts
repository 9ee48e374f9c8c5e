import type { Change, State, Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { listObjects } from '../../../kubernetes/read.ts';
import type { WantedRelease } from '../compare/desired.ts';
import { releaseChange } from '../compare/releases.ts';
import type { ChartSource } from '../helm.ts';
import { readRecords, readRelease, recordsIfAllowed, type ReleaseRecord } from '../helm-records.ts';
import { type Repair, repairOf } from '../pending.ts';
import { stateOfAll } from '../waiting.ts';
import { type Deploying, firstLook, helmFor, releaseLabels } from './deploying.ts';
import { givenLabel, isAsGiven } from './given-to-helm.ts';
import { changeText, differing } from './objects.ts';
import type { Wanted as WantedObject } from '../compare/desired.ts';

/** Pulling images of a large chart over a slow line takes its time. */
const USUAL_MS = 15 * 60_000;

export interface ReleaseOf {
  id: string;
  title: string;
  wanted: WantedRelease;
  source: () => Promise<ChartSource>;
  /** YAML, as rendered. */
  values: string;
  needs: readonly Step[];
  /** Objects of the release that are compared one by one; what of them was changed by hand is put right by the next upgrade. */
  objects?: readonly WantedObject[];
  /** A chart of others: the step waits for what it runs, and leaves it alone where who deploys may not see it. */
  ofOthers: boolean;
}

/**
 * A Helm release: as wanted when what Helm keeps of it has this chart and these values, and its pods are ready. Helm is started only for a
 * change. A chart of others whose records may not be read is an administrator's: it is left as it is, and that is said.
 */
export function releaseStep(deploying: Deploying, given: ReleaseOf): Step {
  const { look, lock, ground: { given: { clock } } } = deploying;
  const { id, title, wanted, objects = [] } = given;
  const { release, namespace } = wanted;
  const isFirst = firstLook(deploying);
  let upgraded = false;

  return {
    id,
    title,
    needs: [look, ...given.needs],
    timeout: deploying.timeout ?? USUAL_MS,
    makes: [`Helm release ${namespace}/${release}`],
    async check(run): Promise<State<unknown>> {
      const { kubernetes, ...looked } = run.of(look);
      // Asked before the records: a helm that ends in between is then seen by what it has left.
      const child = await helmFor(deploying, run).childOf(release);
      const seen = isFirst() ? looked.records?.get(`${namespace}/${release}`) : undefined;
      const records = seen?.[0]?.status === 'deployed' ? seen : await (given.ofOthers ? recordsIfAllowed : readRecords)(kubernetes, namespace, release);
      if (!records) {
        run.progress(`${release} was not looked at: only an administrator may see what Helm keeps in ${namespace}`);
        return { is: 'done', value: undefined };
      }
      refuseForeign(records);
      const repair = repairOf(release, records, child, clock.now());
      if (repair?.is === 'wait') return { is: 'busy', reason: repair.reason };
      const changes = [...(repair ? [repairText(repair)] : []), ...(await differences(kubernetes, records)), ...(upgraded ? [] : differing(looked, objects).map(({ change }) => changeText(change)))];
      if (changes.length > 0) return records.length === 0 ? { is: 'absent' } : { is: 'drifted', value: undefined, changes };
      return given.ofOthers ? stateOfAll(kubernetes, await workloadsOf(kubernetes), undefined) : { is: 'done', value: undefined };
    },
    async apply(run) {
      const { kubernetes } = run.of(look);
      lock.assertHeld();
      const helm = helmFor(deploying, run);
      const records = await readRecords(kubernetes, namespace, release);
      const repair = repairOf(release, records, await helm.childOf(release), clock.now());
      if (repair?.is === 'wait') throw new TodoctlError('TODOCTL_RELEASE_FAILED', { message: repair.reason });
      if (repair) run.progress(`${repair.reason}; ${repair.is === 'rollback' ? `back to revision ${repair.to}` : 'removed, to be installed anew'}`);
      if (repair?.is === 'rollback') await helm.rollback(release, namespace, repair.to);
      if (repair?.is === 'uninstall') await helm.uninstall(release, namespace);
      lock.assertHeld();
      const source = await given.source();
      const [newest] = repair ? await readRecords(kubernetes, namespace, release) : records;
      const labels = { ...releaseLabels(deploying), ...givenLabel(source, given.values, (newest?.revision ?? 0) + 1) };
      await helm.upgrade(release, namespace, source, given.values, labels, 'todoctl deploy');
      upgraded = true;
    },
  };

  /** A release of this name that somebody else installed is never changed. */
  function refuseForeign(records: readonly ReleaseRecord[]): void {
    const [newest] = records;
    if (!newest || Object.entries(releaseLabels(deploying)).every(([key, value]) => newest.labels[key] === value)) return;
    const { 'todoctl.io/platform': platform, 'todoctl.io/environment': environment } = newest.labels;
    throw new TodoctlError('TODOCTL_RELEASE_FOREIGN', {
      message: `The Helm release ${release} in ${namespace} is not ours`,
      details: [platform === undefined ? 'it has no labels of todoctl' : `it belongs to the environment ${environment ?? '?'} of ${platform}`],
    });
  }

  async function differences(kubernetes: Kubernetes, records: readonly ReleaseRecord[]): Promise<Change[]> {
    const [newest] = records;
    const deployed = newest?.status === 'deployed' ? newest : undefined;
    if (newest && !deployed && !upgraded) return [{ what: `${release} is ${newest.status}` }];
    const source = await given.source();
    if (isAsGiven(newest, source, given.values)) return [];
    const change = releaseChange({ ...wanted, version: source.version }, deployed && (await readRelease(kubernetes, namespace, deployed)));
    return change ? [{ what: change.reason }] : [];
  }

  /** What the release runs: Helm marks all that it makes. */
  async function workloadsOf(kubernetes: Kubernetes): Promise<KubernetesObject[]> {
    const lists = await Promise.all(WORKLOADS.map(async ({ kind, plural }) => {
      const found = await listObjects<KubernetesObject>(kubernetes, `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${plural}`, { 'app.kubernetes.io/managed-by': 'Helm' });
      return found.map((object) => ({ ...object, apiVersion: 'apps/v1', kind }));
    }));
    return lists.flat().filter(({ metadata }) => metadata.annotations?.['meta.helm.sh/release-name'] === release);
  }
}

const WORKLOADS = [{ kind: 'Deployment', plural: 'deployments' }, { kind: 'StatefulSet', plural: 'statefulsets' }, { kind: 'DaemonSet', plural: 'daemonsets' }];

function repairText(repair: Exclude<Repair, { is: 'wait' }>): Change {
  return { what: `${repair.reason}; ${repair.is === 'rollback' ? `it would go back to revision ${repair.to} first` : 'it would be removed first'}` };
}
