import { runSteps } from '../engine/run.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Resource } from '../providers/resource.ts';
import type { Reporter } from '../ui/reporters/reporter.ts';
import type { Context } from './context.ts';

export interface TeardownOptions {
  keepData: boolean;
  /** The database stays, with its data. */
  keepDatabase?: boolean;
  /** The registry goes too, which the other environments of the platform use. */
  withRegistry?: boolean;
  dryRun: boolean;
  /** Asked when anything would be deleted; what it is asked about is what would go. */
  confirm: (goes: readonly Resource[]) => Promise<boolean>;
}

/** The receipt: what was found before and is gone, and what is still there; of a dry run what would go, and what would stay. */
export interface TeardownResult {
  environment: string;
  dryRun: boolean;
  removed: readonly Resource[];
  /** Left on purpose: data with --keep-data, the registry of all environments, and what belongs to others. */
  kept: readonly Resource[];
  seconds: number;
}

/**
 * Ends and removes everything of the environment that is found here, looks again, and says what is gone.
 * Throws TODOCTL_LEFTOVERS when something of ours is still there.
 */
export async function teardown(context: Context, { keepData, keepDatabase = false, withRegistry = false, dryRun, confirm }: TeardownOptions, reporter: Reporter): Promise<TeardownResult> {
  const begun = context.clock.now();
  const target = await context.target();
  const before = await target.resources();
  const receipt = (removed: readonly Resource[], kept: readonly Resource[]): TeardownResult => ({
    environment: context.environment,
    dryRun,
    removed,
    kept,
    seconds: Math.round((context.clock.now() - begun) / 100) / 10,
  });
  const stays = (resource: Resource): boolean => !isOurs(resource) || isKept(resource, { keepData, keepDatabase, withRegistry });
  const goes = before.filter((resource) => !stays(resource));
  // Where data stays, what lies beside it may go all the same: that is for the steps to find.
  if (before.every((resource) => !isOurs(resource) || (resource.owner === 'platform' && !withRegistry))) {
    await reporter.end();
    return receipt([], before);
  }
  if (!keepData && !dryRun && !(await confirm(goes))) throw declined();

  const steps = await target.teardown({ keepData, keepDatabase, withRegistry });
  const { error } = await runSteps(steps, {
    emit: (event) => reporter.emit(event),
    clock: context.clock,
    stop: context.stop,
    leave: context.leave,
    dryRun,
  }).finally(() => reporter.end());
  if (dryRun) return receipt(goes, before.filter(stays));
  // Nothing was begun, or it is not known what was: no time to count what is left.
  if (error && (error.code === 'TODOCTL_LOCKED' || error.code === 'TODOCTL_LOCK_LOST' || context.leave.aborted)) throw error;

  const after = await target.resources();
  const left = after.filter((resource) => !stays(resource));
  if (left.length > 0 && !context.stop.aborted) throw leftovers(left, error);
  if (error) throw error;
  const isThere = (resource: Resource): boolean => after.some(({ kind, id }) => kind === resource.kind && id === resource.id);
  return receipt(before.filter((resource) => isOurs(resource) && !isThere(resource)), after);
}

/** What stays because the command says so: data on this machine, the database, the registry of all environments. */
function isKept({ kind, owner, id }: Resource, { keepData, keepDatabase, withRegistry }: Required<Pick<TeardownOptions, 'keepData' | 'keepDatabase' | 'withRegistry'>>): boolean {
  if (keepData && kind === 'directory') return true;
  // Of a database in the cluster its disk and its namespace stay; of a managed one the network that it is in.
  if (keepDatabase && (kind === 'database' || kind === 'vpc' || kind === 'project' || kind === 'namespace' || (kind === 'volume' && /postgres/.test(id)))) return true;
  return owner === 'platform' && !withRegistry;
}

function declined(): TodoctlError {
  return new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Nothing was changed', why: 'The answer was not yes.', next: ['Run todoctl teardown again when you are sure.'] });
}

function isOurs({ owner }: Resource): boolean {
  return owner !== 'other';
}

function leftovers(left: readonly Resource[], cause: TodoctlError | undefined): TodoctlError {
  return new TodoctlError('TODOCTL_LEFTOVERS', {
    message: left.length === 1 ? '1 thing of the platform is left' : `${left.length} things of the platform are left`,
    details: [...left.map(({ kind, name, id, heldBy }) => `${kind} ${name} (${id})${heldBy ? `, held by ${heldBy}` : ''}`), ...(cause ? [cause.message, ...cause.details] : [])],
    cause,
  });
}
