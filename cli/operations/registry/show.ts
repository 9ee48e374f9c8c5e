import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { RegistryState, StoredTag } from '../../providers/registry-keeper.ts';
import type { Context } from '../context.ts';
import { keeperOf } from './keeper.ts';

export type ShowResult = RegistryState & { server: string; tags: readonly StoredTag[] };

/** The platform's registry as it is. Errors: TODOCTL_REGISTRY_NONE where there is none yet. */
export async function showRegistry(context: Context): Promise<ShowResult> {
  const keeper = await keeperOf(context);
  const state = await keeper.show();
  if (!state) throw noneYet(keeper.name, context.environment);
  return { ...state, server: keeper.server, tags: await keeper.tags() };
}

export function noneYet(name: string, environment: string): TodoctlError {
  return new TodoctlError('TODOCTL_REGISTRY_NONE', { message: `There is no registry ${name} yet`, why: 'It is made by the first deploy, or before it.', next: [`Run todoctl registry create --env ${environment}.`] });
}
