import type { Step } from '../../../engine/step.ts';
import type { Cluster } from '../../../providers/provider.ts';
import type { Run } from '../../../engine/step.ts';
import { Helm } from '../helm.ts';
import type { Ground } from '../ground.ts';
import type { Wanted } from '../wanted.ts';
import type { Lock } from './lock.ts';
import type { Looked } from './look.ts';

/** What the steps of a deploy share. */
export interface Deploying {
  ground: Ground;
  wanted: Wanted;
  cluster: Step<Cluster>;
  lock: Lock;
  look: Step<Looked>;
  /** Milliseconds that a step may take, where that was said. */
  timeout?: number;
}

/**
 * Whether what was seen in the beginning is still good: for a step's first look, as long as this run has changed nothing. Whoever waits
 * looks for himself.
 */
export function firstLook({ lock }: Pick<Deploying, 'lock'>): () => boolean {
  let first = true;
  return () => {
    const good = first && lock.untouched();
    first = false;
    return good;
  };
}

/** Labels by which a Helm release is known to be ours. */
export function releaseLabels({ ground: { peek, given } }: Pick<Deploying, 'ground'>): Record<string, string> {
  return { 'todoctl.io/platform': peek.platform, 'todoctl.io/environment': given.environment };
}

export function helmFor({ ground: { folder, given }, cluster }: Deploying, run: Run): Helm {
  return new Helm({ folder, kubeconfig: run.of(cluster).kubeconfig, env: given.env, redactor: given.io.redactor });
}
