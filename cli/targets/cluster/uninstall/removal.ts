import type { Run, State, Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Clock } from '../../../io/clock.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import { pathOf, type Resource } from '../../../kubernetes/discovery.ts';
import { reasonOf, strange } from '../../../kubernetes/failures.ts';
import { stuckNamespace } from '../ending.ts';
import type { Thing } from './found.ts';

export interface Removal {
  id: string;
  title: string;
  needs: readonly Step[];
  /** Milliseconds until it is given up. */
  timeout: number;
  kubernetes: Kubernetes;
  clock: Clock;
  /** What is still there and is to go. */
  find: () => Promise<readonly Thing[]>;
  /** What was made of them and is waited for, in words: pods that end, load balancers that are taken down. */
  after?: () => Promise<readonly string[]>;
  /** What holds a namespace, in Kubernetes' words: it has no finalizer that an object would show. */
  heldBy?: (thing: Thing) => Promise<readonly string[]>;
  /** Done before anything is deleted. */
  before?: (things: readonly Thing[]) => Promise<void>;
  /** Throws when the lock has been lost. */
  assertHeld: () => void;
  /** Milliseconds that a finalizer may take before it is called hanging. */
  hangMs: number;
}

const MOST_NAMES = 4;

/** Deletes what `find` finds and waits until it is gone, saying what holds it. What a killed run had begun is found and waited for. */
export function removalStep(removal: Removal): Step {
  const { id, title, needs, timeout, kubernetes } = removal;
  /** uid → when it was first seen on its way out; a cluster's clock may be another. */
  const leaving = new Map<string, number>();
  let reached = false;
  return {
    id, title, needs, timeout,
    async check() {
      try {
        const state = await look(removal, leaving);
        reached = true;
        return state;
      } catch (error) {
        // A server that was there a moment ago is waited for as all else here.
        if (reached && error instanceof TodoctlError && error.code === 'TODOCTL_CLUSTER_UNREACHABLE') return { is: 'busy', reason: error.message };
        throw error;
      }
    },
    async apply(run) {
      const things = await removal.find();
      await removal.before?.(things);
      await Promise.all(things.map((thing) => remove(kubernetes, thing, removal, run)));
    },
  };
}

async function look({ find, after, heldBy = async () => [], clock, hangMs, title }: Removal, leaving: Map<string, number>): Promise<State<undefined>> {
  const things = await find();
  if (things.length === 0) {
    const rest = (await after?.()) ?? [];
    return rest.length === 0 ? { is: 'done', value: undefined } : { is: 'busy', reason: `waits for ${listed(rest)}` };
  }
  const late = things.filter(({ metadata: { uid = '', deletionTimestamp } }) => {
    if (deletionTimestamp === undefined) return false;
    const since = leaving.get(uid) ?? clock.now();
    leaving.set(uid, since);
    return clock.now() - since >= hangMs;
  });
  const hanging = late.filter(({ metadata: { finalizers = [] } }) => finalizers.length > 0);
  if (hanging.length > 0) return { is: 'stuck', error: hangs(title, hanging) };
  const reasons = new Map(await Promise.all(things.map(async (thing) => [thing, await heldBy(thing)] as const)));
  for (const thing of late) {
    const why = reasons.get(thing) ?? [];
    if (why.length > 0) return { is: 'stuck', error: stuckNamespace(thing.metadata.name, why) };
  }
  if (things.some(({ metadata }) => metadata.deletionTimestamp === undefined)) {
    return { is: 'drifted', value: undefined, changes: things.map((thing) => ({ what: nameOf(thing), to: 'removed' })) };
  }
  return { is: 'busy', reason: `still there: ${listed(things.map((thing) => [heldText(thing), ...(reasons.get(thing) ?? [])].join(': ')))}` };
}

/** Exactly this object and no other that has its name meanwhile. What has gone by itself is as wanted. */
async function remove(kubernetes: Kubernetes, thing: Thing, { assertHeld }: Removal, run: Run): Promise<void> {
  const { kind, metadata: { name, namespace, uid, deletionTimestamp } } = thing;
  if (deletionTimestamp !== undefined) return;
  run.leave.throwIfAborted();
  assertHeld();
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', ...(uid === undefined ? {} : { preconditions: { uid } }) };
  const { status, body } = await kubernetes.ask(pathOf(kind, namespace, name), { method: 'DELETE', body: JSON.stringify(options) });
  if (status < 300 || status === 404 || status === 409) return;
  if (status === 403) throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `You may not delete ${nameOf(thing)}`, details: [reasonOf(body)] });
  throw strange(kubernetes.where, status, body);
}

/** What holds them, and for each the command that lets it go. */
function hangs(title: string, things: readonly Thing[]): TodoctlError {
  return new TodoctlError('TODOCTL_FINALIZER_HANGS', {
    message: `${title}: ${listed(things.map(heldText))}`,
    details: things.slice(0, MOST_NAMES).map(({ kind, metadata: { name, namespace } }) => `kubectl patch ${resourceOf(kind)} ${name}${namespace === undefined ? '' : ` -n ${namespace}`} --type=merge -p '{"metadata":{"finalizers":null}}'`),
  });
}

function heldText(thing: Thing): string {
  const { finalizers = [] } = thing.metadata;
  return finalizers.length === 0 ? nameOf(thing) : `${nameOf(thing)} (held by the finalizer ${finalizers.join(', ')})`;
}

export function nameOf({ kind, metadata: { name, namespace } }: Thing): string {
  return `${kind.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

export function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function resourceOf({ plural, group }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}
