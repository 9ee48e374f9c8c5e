import { hostname, userInfo } from 'node:os';
import { identify, type Identity, isAlive } from '../../io/process-identity.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { readObject } from '../../kubernetes/read.ts';
import { reasonOf, strange } from '../../kubernetes/failures.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';

/** So long a lock holds that nobody renews, in seconds: longer than a cluster may be out of reach for a moment. */
export const LEASE_SECONDS = 60;
const NAMESPACE = 'kube-system';
const PROCESS = 'todoctl.io/process';
const DOING = 'todoctl.io/doing';

/** As much of a Lease as a lock is made of; times are RFC 3339 with microseconds, as its API wants them. */
export interface Lease {
  metadata: { name: string; namespace?: string; uid?: string; resourceVersion?: string; annotations?: Record<string, string> };
  spec?: { holderIdentity?: string; leaseDurationSeconds?: number; acquireTime?: string; renewTime?: string };
}

/** Who wants the lock. */
export interface Claimant {
  /** `me@laptop:4711`. */
  holder: string;
  process: Identity;
  /** `deploy`. */
  doing: string;
}

export function claimant(doing: string): Claimant {
  const process = identify(globalThis.process.pid);
  if (!process) throw new Error('this process cannot see itself');
  return { holder: `${userName()}@${hostname()}:${process.pid}`, process, doing };
}

/** What a look at the lock came to. */
export type Held = { by: 'nobody'; there?: Lease } | { by: 'us'; there: Lease } | { by: 'other'; there: Lease; since: string };

/** The lock of an environment. */
export function lockNameOf({ platform, environment }: { platform: string; environment: string }): string {
  return `todoctl-${platform}-${environment}`;
}

/** Who holds the lock now. Errors: TODOCTL_CLUSTER_*. */
export async function lookAtLease(kubernetes: Kubernetes, name: string, me: Claimant, now: number): Promise<Held> {
  const there = await readObject<Lease>(kubernetes, pathOf(name));
  return there ? holderOf(there, me, now) : { by: 'nobody' };
}

/** Whose a lock is: who does not renew it holds nothing, and neither does a process of this machine that has ended. */
export function holderOf(there: Lease, me: Claimant, now: number): Held {
  const { holderIdentity = '', leaseDurationSeconds = LEASE_SECONDS, renewTime, acquireTime = '' } = there.spec ?? {};
  const process = processOf(there);
  if (holderIdentity === '') return { by: 'nobody', there };
  if (process && same(process, me.process)) return { by: 'us', there };
  if (process?.boot === me.process.boot && !isAlive(process)) return { by: 'nobody', there };
  const expires = Date.parse(renewTime ?? '') + leaseDurationSeconds * 1000;
  return expires > now ? { by: 'other', there, since: acquireTime } : { by: 'nobody', there };
}

/**
 * Takes the lock where nobody has it, or renews ours; false where somebody was quicker: what was seen of it must still be so.
 * Errors: TODOCTL_CLUSTER_FORBIDDEN and those of asking.
 */
export async function writeLease(kubernetes: Kubernetes, name: string, me: Claimant, seen: Held, now: number): Promise<boolean> {
  const lease = leaseOf(name, me, seen, now);
  const { status, body } = seen.there
    ? await kubernetes.ask(pathOf(name), { method: 'PATCH', type: 'application/merge-patch+json', body: JSON.stringify({ ...lease, metadata: { ...lease.metadata, resourceVersion: seen.there.metadata.resourceVersion } }) })
    : await kubernetes.ask(`/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`, { method: 'POST', body: JSON.stringify(lease) });
  if (status === 200 || status === 201) return true;
  // Somebody made, changed or deleted it meanwhile.
  if (status === 409 || status === 404) return false;
  if (status === 403) throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `You may not lock the environment in ${kubernetes.where}`, details: [reasonOf(body)] });
  throw strange(kubernetes.where, status, body);
}

/** Gives the lock back if it is still ours. */
export async function removeLease(kubernetes: Kubernetes, name: string, me: Claimant, now: number): Promise<void> {
  const held = await lookAtLease(kubernetes, name, me, now);
  if (held.by !== 'us') return;
  const { uid, resourceVersion } = held.there.metadata;
  await kubernetes.ask(pathOf(name), { method: 'DELETE', body: JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } }) });
}

/** What whoever finds the lock taken is told. */
export function locked(environment: string, { there, since }: Extract<Held, { by: 'other' }>): TodoctlError {
  const { holderIdentity = 'somebody', renewTime = '' } = there.spec ?? {};
  const doing = there.metadata.annotations?.[DOING];
  return new TodoctlError('TODOCTL_LOCKED', {
    message: `${holderIdentity} is changing ${environment} since ${since.replace(/\.\d+Z$/, 'Z')}${doing === undefined ? '' : ` (todoctl ${doing})`}`,
    details: [`last heard of at ${renewTime.replace(/\.\d+Z$/, 'Z')}; the lock ends ${LEASE_SECONDS} s after that: lease ${NAMESPACE}/${there.metadata.name}`],
  });
}

function leaseOf(name: string, { holder, process, doing }: Claimant, seen: Held, now: number): Lease & { apiVersion: string; kind: string } {
  const acquireTime = seen.by === 'us' ? seen.there.spec?.acquireTime : micro(now);
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: NAMESPACE, annotations: { [PROCESS]: JSON.stringify(process), [DOING]: doing } },
    spec: { holderIdentity: holder, leaseDurationSeconds: LEASE_SECONDS, ...(acquireTime === undefined ? {} : { acquireTime }), renewTime: micro(now) },
  };
}

function processOf({ metadata }: Lease): Identity | undefined {
  try {
    return JSON.parse(metadata.annotations?.[PROCESS] ?? '') as Identity;
  } catch {
    return undefined;
  }
}

function same(one: Identity, other: Identity): boolean {
  return one.pid === other.pid && one.start === other.start && one.boot === other.boot;
}

function micro(at: number): string {
  return new Date(at).toISOString().replace('Z', '000Z');
}

function pathOf(name: string): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${name}`;
}

/** Of a user without an entry in the system's list, as in many containers, there is no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'somebody';
  }
}
