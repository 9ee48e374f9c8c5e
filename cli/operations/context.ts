import type { Target, TargetGiven } from '../targets/target.ts';

/** All that an operation may touch, made once per command. No module of the CLI reads process.env or process.cwd() itself. */
export interface Context extends Readonly<TargetGiven> {
  /** The place that runs the environment; loaded on first use, so that `explain` never pays for it. */
  target(): Promise<Target>;
}

/** The context of this process. */
export function createContext(given: TargetGiven): Context {
  let target: Promise<Target> | undefined;
  return {
    ...given,
    target: () => (target ??= openTarget(given)),
  };
}

async function openTarget(given: TargetGiven): Promise<Target> {
  // Where todoctl.yaml is broken, what is on this machine can still be looked at and removed; where nothing is, the target says what is wrong.
  const { deployedHere } = await import('../targets/local/deployed.ts');
  const provider = (await deployedHere(given)) ? 'local' : await providerOf(given);
  if (provider === 'local') {
    const { openLocalTarget } = await import('../targets/local/target.ts');
    return openLocalTarget(given);
  }
  const { openClusterTarget } = await import('../targets/cluster/target.ts');
  return openClusterTarget(given);
}

async function providerOf(given: TargetGiven): Promise<string> {
  const { peekDefinition } = await import('../definition/peek.ts');
  return peekDefinition(given).then((peek) => peek.provider, () => 'local');
}
