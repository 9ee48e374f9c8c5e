import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Health } from '../targets/target.ts';
import type { Context } from './context.ts';

export interface StatusResult {
  environment: string;
  /** Everything runs and is ready. */
  ready: boolean;
  /** Undefined when nothing is deployed. */
  entrance?: string;
  kafka?: string;
  /** Where the state lies, on this machine. */
  folder?: string;
  processes: readonly Health[];
}

/** How the environment is now. It only looks: it changes and starts nothing. */
export async function status(context: Context): Promise<StatusResult> {
  const target = await context.target();
  const [processes, folder] = await Promise.all([target.status(), target.folder?.()]);
  const where = await addresses(context);
  return {
    environment: context.environment,
    ready: processes.length > 0 && processes.every(({ state }) => state === 'ready'),
    ...where,
    ...(folder ? { folder } : {}),
    processes,
  };
}

async function addresses(context: Context): Promise<Pick<StatusResult, 'entrance' | 'kafka'>> {
  const target = await context.target();
  try {
    const [{ url }, kafka] = await Promise.all([target.entrance(), target.kafka()]);
    return { entrance: url.href, kafka: kafka.bootstrap.map(({ host, port }) => `${host}:${port}`).join(',') };
  } catch (error) {
    if (error instanceof TodoctlError && error.code === 'TODOCTL_NOT_DEPLOYED') return {};
    throw error;
  }
}
