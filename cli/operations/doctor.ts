import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Check } from '../providers/provider.ts';
import type { Health } from '../targets/target.ts';
import type { Context } from './context.ts';

export interface DoctorResult {
  environment: string;
  ok: boolean;
  /** False where nothing is deployed: then only what a deploy needs was looked at. */
  deployed: boolean;
  checks: readonly Finding[];
}

export interface Finding {
  title: string;
  ok: boolean;
  code?: string;
  message?: string;
  details?: readonly string[];
  next?: readonly string[];
}

/** Everything that a deploy would stumble over, and how what runs is; each with what to do about it. */
export async function doctor(context: Context): Promise<DoctorResult> {
  const target = await context.target();
  const [preflight, runs] = await Promise.all([target.preflight(), target.diagnose ? whereReached(target.diagnose()) : target.status().then((processes) => processes.map(running))]);
  const told = new Set(preflight.map(({ error }) => error?.code));
  const checks = [...preflight, ...runs.filter(({ error }) => !error || !told.has(error.code))].map(toFinding);
  return { environment: context.environment, ok: checks.every(({ ok }) => ok), deployed: runs.length > 0, checks };
}

/** That a cluster or its provider cannot be asked is one finding among others. */
async function whereReached(checks: Promise<readonly Check[]>): Promise<readonly Check[]> {
  return checks.catch((error: unknown) => {
    if (error instanceof TodoctlError && /^TODOCTL_(?:CLUSTER|DIGITALOCEAN)_/.test(error.code)) return [{ title: 'The platform can be looked at', error }];
    throw error;
  });
}

function running({ name, state, reason }: Health): Check {
  const title = `Process ${name}`;
  if (state === 'ready') return { title };
  const next = state === 'stopped' ? ['Run todoctl deploy.'] : [`Run todoctl logs ${name}.`, 'Run todoctl deploy: it asks the supervisor to try again at once.'];
  return { title, error: new TodoctlError('TODOCTL_PROCESS_FAILING', { message: `${name} is ${state}${reason ? `: ${reason}` : ''}`, next }) };
}

function toFinding({ title, error }: Check): Finding {
  if (!error) return { title, ok: true };
  const { code, message, details, next } = error;
  return { title, ok: false, code, message, ...(details.length > 0 ? { details } : {}), next };
}
