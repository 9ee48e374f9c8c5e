import { peekDefinition } from '../../definition/peek.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { StoredTag } from '../../providers/registry-keeper.ts';
import type { Reporter } from '../../ui/reporters/reporter.ts';
import { type Context, createContext } from '../context.ts';
import { imagesOf, runOne } from '../images/images-of.ts';
import { keeperOf } from './keeper.ts';
import { noneYet } from './show.ts';

export interface CleanOptions {
  dryRun: boolean;
  confirm: (unused: readonly StoredTag[]) => Promise<boolean>;
}

export interface CleanResult {
  name: string;
  dryRun: boolean;
  removed: readonly StoredTag[];
  kept: readonly StoredTag[];
}

/**
 * Deletes the tags that no revision of any environment has, and what no tag holds any more. All environments of todoctl.yaml that
 * share the registry are asked: one that cannot be asked stops it. Errors: TODOCTL_REGISTRY_NONE, _NOT_OURS, those of the clusters.
 */
export async function cleanRegistry(context: Context, { dryRun, confirm }: CleanOptions, reporter: Reporter): Promise<CleanResult> {
  const keeper = await keeperOf(context);
  const state = await keeper.show();
  if (!state) throw noneYet(keeper.name, context.environment);
  if (!state.ours) throw new TodoctlError('TODOCTL_REGISTRY_NOT_OURS', { message: `The registry ${keeper.name} was not made by todoctl, so nothing of it is deleted` });
  const [tags, used] = await Promise.all([keeper.tags(), usedTags(context)]);
  const { unused, kept } = divide(tags, used);
  const result = { name: keeper.name, dryRun, removed: unused, kept };
  if (unused.length === 0 || dryRun) {
    await reporter.end();
    return result;
  }
  if (!(await confirm(unused))) throw new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Nothing was changed', why: 'The answer was not yes.' });
  await runOne(context, keeper.clean(unused.map(({ tag }) => tag)), reporter);
  return result;
}

/** Ends a cleaning that is under way. */
export async function cancelCleaning(context: Context): Promise<{ name: string; cancelled: boolean }> {
  const keeper = await keeperOf(context);
  return { name: keeper.name, cancelled: await keeper.cancel() };
}

/** A tag stays when its image is one that is used: the image as a whole and its commit have tags of their own. */
export function divide(tags: readonly StoredTag[], used: readonly string[]): { unused: StoredTag[]; kept: StoredTag[] } {
  const digests = new Set(tags.filter(({ tag }) => used.includes(tag)).map(({ digest }) => digest));
  return { unused: tags.filter(({ digest }) => !digests.has(digest)), kept: tags.filter(({ digest }) => digests.has(digest)) };
}

/** Of every environment in a cluster: what its revisions have, and what these sources would have. */
async function usedTags(context: Context): Promise<string[]> {
  const { io, clock, env, cwd, stop, leave, environment: own } = context;
  const { environments } = await peekDefinition({ cwd, environment: own });
  const found = await Promise.all(environments.map(async (environment) => {
    const other = environment === own ? context : createContext({ io, clock, env, cwd, environment, stop, leave });
    if (!(await other.target()).images) return [];
    const images = await imagesOf(other);
    const [{ tags }, used] = await Promise.all([images.wanted(), images.used()]);
    return [...Object.values(tags), ...used];
  }));
  return [...new Set(found.flat())];
}
