import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { runSteps } from '../engine/run.ts';
import { parseDocument } from 'yaml';
import { readDefinition } from '../definition/find.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import { sayOn } from '../io/io.ts';
import type { Owner } from '../providers/digitalocean/marks.ts';
import type { Resource } from '../providers/resource.ts';
import type { Reporter } from '../ui/reporters/reporter.ts';
import type { Context } from './context.ts';

export interface SweepOptions {
  /** Another platform than that of todoctl.yaml: all that carries its mark is left over. */
  platform?: string;
  dryRun: boolean;
  confirm: (found: readonly Swept[]) => Promise<boolean>;
}

/** What is left of one environment. */
export interface Swept {
  environment: string;
  why: string;
  resources: readonly Resource[];
}

export interface SweepResult {
  platform: string;
  dryRun: boolean;
  /** What was found; without a dry run it is gone. */
  found: readonly Swept[];
  /** What that costs a month, USD, as far as prices are known. */
  monthly: number;
}

/** Finds at DigitalOcean what earlier runs left of a platform, by its marks, and removes it. Throws TODOCTL_LEFTOVERS when some of it stays. */
export async function sweep(context: Context, { platform: wanted, dryRun, confirm }: SweepOptions, reporter: Reporter): Promise<SweepResult> {
  const { env, io, clock } = context;
  const [{ DigitalOcean }, { findLeftovers }, { nameResource, resourcesOf }, { teardownSteps }, { readLeaving }] = await Promise.all([
    import('../providers/digitalocean/client.ts'), import('../providers/digitalocean/sweep.ts'), import('../providers/digitalocean/resources.ts'),
    import('../providers/digitalocean/teardown.ts'), import('../providers/digitalocean/leaving.ts'),
  ]);
  const api = new DigitalOcean({ env, redactor: io.redactor, stop: context.leave, clock, say: sayOn(io) });
  const { platform, environments, root } = await namesOf(context, wanted);
  const files = (environment: string): { kubeconfig: string; record: string; leaving: string } => {
    const folder = path.join(root, '.todoctl', environment);
    return { kubeconfig: path.join(folder, 'kubeconfig'), record: path.join(folder, 'cluster.json'), leaving: path.join(folder, 'leaving.json') };
  };
  const look = async (): Promise<(Swept & { owner: Owner })[]> => {
    const leftovers = await findLeftovers({ api, platform, environments, leaving: ({ environment }) => readLeaving(files(environment)) });
    return leftovers.flatMap(({ owner, why, found: some, names, projects }) => {
      const resources = [...resourcesOf(some, clock.now()), ...names.map(nameResource), ...projects].filter(({ owner: whose }) => whose !== 'other');
      return resources.length > 0 ? [{ owner, environment: owner.environment, why, resources }] : [];
    });
  };
  const leftovers = await look();
  const found = leftovers.map(({ environment, why, resources }): Swept => ({ environment, why, resources }));
  const monthly = found.flatMap(({ resources }) => resources).reduce((sum, { price }) => sum + (price?.monthly ?? 0), 0);
  const result = { platform, dryRun, found, monthly: Math.round(monthly * 100) / 100 };
  if (found.length === 0 || dryRun) {
    await reporter.end();
    return result;
  }
  if (!(await confirm(found))) throw new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Nothing was changed', why: 'The answer was not yes.', next: ['To see what is left: todoctl sweep --dry-run.'] });
  const errors: TodoctlError[] = [];
  try {
    for (const { owner } of leftovers) {
      const steps = teardownSteps({ api, clock, owner, ...files(owner.environment) }, { keepDatabase: false });
      const { error } = await runSteps(steps, { emit: (event) => reporter.emit({ ...event, title: `${owner.environment}: ${event.title}` }), clock, stop: context.stop, leave: context.leave });
      if (error) errors.push(error);
    }
  } finally {
    await reporter.end();
  }
  if (context.leave.aborted && errors[0]) throw errors[0];
  const left = (await look()).flatMap(({ resources }) => resources);
  if (left.length > 0 && !context.stop.aborted) throw new TodoctlError('TODOCTL_LEFTOVERS', { message: left.length === 1 ? '1 thing is left' : `${left.length} things are left`, details: [...left.map(({ kind, name, id }) => `${kind} ${name} (${id})`), ...errors.map(({ message }) => message)], cause: errors[0] });
  if (errors[0]) throw errors[0];
  return result;
}

/** Of another platform no environment is known here, so that none of it lives as far as this folder goes. */
async function namesOf({ cwd }: Context, wanted: string | undefined): Promise<{ platform: string; environments: string[]; root: string }> {
  if (wanted !== undefined) return { platform: wanted, environments: [], root: await realpath(cwd) };
  const { text, root } = await readDefinition(cwd);
  const { platform, environments } = (parseDocument(text).toJS() ?? {}) as { platform?: string; environments?: object };
  return { platform: platform ?? '', environments: Object.keys(environments ?? {}), root: await realpath(root) };
}
