import type { Clock } from '../io/clock.ts';
import type { Io } from '../io/io.ts';
import type { Target } from '../targets/target.ts';

/** All that an operation may touch, made once per command. No module of the CLI reads process.env or process.cwd() itself. */
export interface Context {
  readonly io: Io;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Name of the environment that the command is about. */
  readonly environment: string;
  /** First Ctrl-C or SIGTERM. */
  readonly stop: AbortSignal;
  /** Second Ctrl-C. */
  readonly leave: AbortSignal;
  /** The place that runs the environment; loaded on first use, so that `explain` never pays for it. */
  target(): Promise<Target>;
}

export interface ContextGiven {
  io: Io;
  clock: Clock;
  env: NodeJS.ProcessEnv;
  cwd: string;
  environment: string;
  stop: AbortSignal;
  leave: AbortSignal;
}

/** The context of this process. */
export function createContext(given: ContextGiven): Context {
  let target: Promise<Target> | undefined;
  return {
    ...given,
    target: () => (target ??= openTarget(given)),
  };
}

async function openTarget(given: ContextGiven): Promise<Target> {
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

async function providerOf(given: ContextGiven): Promise<string> {
  const { peekDefinition } = await import('../definition/peek.ts');
  return peekDefinition(given).then((peek) => peek.provider, () => 'local');
}
