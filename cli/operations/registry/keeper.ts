import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { RegistryKeeper } from '../../providers/registry-keeper.ts';
import type { Context } from '../context.ts';

/** The registry that the environment's provider keeps. Errors: TODOCTL_REGISTRY_NONE, also where somebody else keeps it. */
export async function keeperOf(context: Context): Promise<RegistryKeeper> {
  const target = await context.target();
  const keeper = await target.registry?.();
  if (keeper) return keeper;
  throw new TodoctlError('TODOCTL_REGISTRY_NONE', {
    message: `The environment ${context.environment} has no registry that todoctl could look after`,
    why: 'Registries of DigitalOcean are made, cleaned and deleted here. One that todoctl.yaml gives with its credentials is used and nothing else; an environment on this machine needs none.',
  });
}
