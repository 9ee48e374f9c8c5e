/** As much of a pod as says how it is. */
export interface Pod {
  metadata: { name: string; namespace?: string; uid?: string; labels?: Record<string, string>; deletionTimestamp?: string; finalizers?: readonly string[]; creationTimestamp?: string };
  spec?: { nodeName?: string; containers?: readonly { name: string; image?: string }[]; initContainers?: readonly { name: string; image?: string; restartPolicy?: string }[] };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    startTime?: string;
    conditions?: readonly Condition[];
    containerStatuses?: readonly ContainerStatus[];
    initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  observedGeneration?: number;
}

export interface ContainerStatus {
  name: string;
  ready: boolean;
  started?: boolean;
  restartCount: number;
  image?: string;
  state?: ContainerState;
  lastState?: ContainerState;
}

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: { exitCode: number; reason?: string; message?: string; finishedAt?: string };
}

/** What a controller wrote of an object. */
export interface ClusterEvent {
  involvedObject: { kind?: string; name?: string; uid?: string };
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { count?: number };
}

/** Why a pod is not ready. */
export interface Trouble {
  pod: string;
  kind: 'unschedulable' | 'image' | 'config' | 'crash' | 'mount' | 'unready' | 'starting' | 'ending' | 'failed';
  reason: string;
  /** Waiting will not help: an image that was refused time and again, a setting that is missing, a program that keeps ending. */
  terminal: boolean;
}

/** So often something may fail before it is taken for lasting: registries, Secrets and dependencies often come a moment later. */
const TRIES = 3;
const IMAGE = /^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|RegistryUnavailable|ImageInspectError)$/;
const CONFIG = /^(?:CreateContainerConfigError|CreateContainerError|RunContainerError|PreCreateHookError)$/;
const LONGEST = 300;

/** Why a pod is not ready, the cause rather than the symptom; undefined when it is, or has done its work. */
export function troubleOf(pod: Pod, events: readonly ClusterEvent[] = []): Trouble | undefined {
  const { metadata: { name }, status = {} } = pod;
  const of = (kind: Trouble['kind'], reason: string, terminal = false): Trouble => ({ pod: name, kind, reason: shortened(reason), terminal });
  if (pod.metadata.deletionTimestamp !== undefined) {
    const held = pod.metadata.finalizers ?? [];
    return of('ending', held.length > 0 ? `is ending, held by the finalizer ${held.join(', ')}` : 'is ending');
  }
  if (status.phase === 'Succeeded' || isReady(pod)) return undefined;
  const own = events.filter(({ involvedObject: { uid, name: about, kind } }) => (uid !== undefined && uid === pod.metadata.uid) || (uid === undefined && kind === 'Pod' && about === name));
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return of('unschedulable', `no node takes it: ${scheduled.message ?? scheduled.reason ?? 'no reason given'}`);
  for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
    const found = containerTrouble(container, own);
    if (found) return of(found.kind, found.reason, found.terminal);
  }
  if (status.phase === 'Failed') return of('failed', `failed: ${status.message ?? status.reason ?? lastWords(status.containerStatuses) ?? 'no reason given'}`, true);
  const mount = newest(own, /^Failed(?:Mount|AttachVolume|CreatePodSandBox)$/);
  if (mount) return of('mount', mount.message ?? 'a volume cannot be mounted');
  const running = status.containerStatuses?.filter(({ ready }) => !ready).filter(({ state }) => state?.running) ?? [];
  if (running.length === 0) return of('starting', scheduled ? 'is being started' : 'waits for a node');
  const probe = newest(own, /^Unhealthy$/);
  return of('unready', `${running.map((container) => container.name).join(', ')} runs and is not ready${probe ? `: ${probe.message}` : ''}`);
}

/** One line for all pods of something: each reason once, with how many it holds for, what lasts first. */
export function whyPods(pods: readonly Pod[], events: readonly ClusterEvent[] = []): { reason: string; terminal: boolean } | undefined {
  const troubles = pods.flatMap((pod) => troubleOf(pod, events) ?? []).sort((a, b) => Number(b.terminal) - Number(a.terminal));
  if (troubles.length === 0) return undefined;
  const counts = new Map<string, number>();
  for (const { reason } of troubles) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return {
    reason: [...counts].map(([reason, count]) => (count === 1 ? reason : `${count} pods: ${reason}`)).join('; '),
    terminal: troubles.some(({ terminal }) => terminal),
  };
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

function containerTrouble({ name, state, lastState, restartCount, image = 'its image' }: ContainerStatus, events: readonly ClusterEvent[]): Omit<Trouble, 'pod'> | undefined {
  const { reason = '', message = '' } = state?.waiting ?? {};
  if (IMAGE.test(reason)) {
    const said = newest(events, /^Failed$/)?.message ?? message;
    const tries = Math.max(0, ...events.filter((event) => event.reason === 'Failed' || event.reason === 'BackOff').map(countOf));
    return { kind: 'image', reason: `${name}: ${image} cannot be pulled: ${said || reason}`, terminal: tries >= TRIES || reason === 'InvalidImageName' || reason === 'ErrImageNeverPull' };
  }
  if (CONFIG.test(reason)) {
    const tries = Math.max(0, ...events.filter((event) => event.reason === 'Failed').map(countOf));
    return { kind: 'config', reason: `${name} cannot be made: ${message || reason}`, terminal: tries >= TRIES };
  }
  if (reason === 'CrashLoopBackOff' || (state?.terminated && state.terminated.exitCode !== 0 && restartCount > 0)) {
    return { kind: 'crash', reason: `${name} ends again and again, ${restartCount} times: ${endText(lastState?.terminated ?? state?.terminated)}`, terminal: restartCount >= TRIES };
  }
  return undefined;
}

function endText(end: ContainerState['terminated']): string {
  if (!end) return 'how is not known';
  if (end.reason === 'OOMKilled') return 'it took more memory than its limit (OOMKilled)';
  return `exit code ${end.exitCode}${end.message ? `, ${end.message.trim()}` : ''}`;
}

function lastWords(statuses: readonly ContainerStatus[] = []): string | undefined {
  const ended = statuses.find(({ state }) => state?.terminated);
  return ended && `${ended.name}: ${endText(ended.state?.terminated)}`;
}

function newest(events: readonly ClusterEvent[], reason: RegExp): ClusterEvent | undefined {
  const time = ({ lastTimestamp, eventTime }: ClusterEvent): string => lastTimestamp ?? eventTime ?? '';
  return events.filter((event) => reason.test(event.reason ?? '')).sort((a, b) => time(b).localeCompare(time(a)))[0];
}

function countOf({ count, series }: ClusterEvent): number {
  return series?.count ?? count ?? 1;
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
