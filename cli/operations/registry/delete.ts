import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { RegistryState } from '../../providers/registry-keeper.ts';
import type { Reporter } from '../../ui/reporters/reporter.ts';
import type { Context } from '../context.ts';
import { runOne } from '../images/images-of.ts';
import { keeperOf } from './keeper.ts';

export interface DeleteOptions {
  dryRun: boolean;
  confirm: (found: RegistryState) => Promise<boolean>;
}

export interface DeleteResult {
  name: string;
  dryRun: boolean;
  /** False where there was none. In a dry run: whether it would be deleted. */
  deleted: boolean;
}

/** Deletes the platform's registry with all its images. Errors: TODOCTL_REGISTRY_NOT_OURS. */
export async function deleteRegistry(context: Context, { dryRun, confirm }: DeleteOptions, reporter: Reporter): Promise<DeleteResult> {
  const keeper = await keeperOf(context);
  const found = await keeper.show();
  if (found?.ours && !dryRun && !(await confirm(found))) throw new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Nothing was changed', why: 'The answer was not the name of the registry.' });
  const { changed, planned } = await runOne(context, keeper.remove(), reporter, dryRun);
  return { name: keeper.name, dryRun, deleted: dryRun ? planned : changed };
}
