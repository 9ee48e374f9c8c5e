import type { Reporter } from '../../ui/reporters/reporter.ts';
import type { Context } from '../context.ts';
import { runOne } from '../images/images-of.ts';
import { keeperOf } from './keeper.ts';

export interface CreateResult {
  name: string;
  server: string;
  dryRun: boolean;
  /** False where it was there. In a dry run: whether it would be made. */
  created: boolean;
}

/** Makes the platform's registry, or finds it. Errors: TODOCTL_REGISTRY_NOT_OURS. */
export async function createRegistry(context: Context, { dryRun }: { dryRun: boolean }, reporter: Reporter): Promise<CreateResult> {
  const keeper = await keeperOf(context);
  const { changed, planned } = await runOne(context, keeper.create, reporter, dryRun);
  return { name: keeper.name, server: keeper.server, dryRun, created: dryRun ? planned : changed };
}
