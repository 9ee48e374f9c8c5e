import { TodoctlError } from '../errors/todoctl-error.ts';
import { runProgram } from '../exec/run.ts';
import type { Context } from './context.ts';

export interface OpenOptions {
  /** `grafana`, `prometheus`, `jaeger`, `dapr` or a service; the entrance when left out. */
  what?: string;
  /** Of this machine; a free one when left out. */
  port?: number;
  /** Start no browser. */
  print: boolean;
}

export interface OpenResult {
  environment: string;
  url: string;
  /** Which pod is behind it, `grafana-0 in monitoring`; undefined for the entrance, which needs nobody to pass on. */
  to?: string;
  /** Who signs in. */
  user?: string;
  /** The command that shows the password. */
  password?: string;
  /** What a person must write into DNS for the entrance's name to work. */
  record?: string;
}

const BROWSERS: Partial<Record<NodeJS.Platform, readonly string[]>> = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] };
/** What a browser needs of the environment to find its screen and its settings. */
const FOR_BROWSERS = ['PATH', 'HOME', 'DISPLAY', 'WAYLAND_DISPLAY', 'XDG_RUNTIME_DIR', 'XDG_CURRENT_DESKTOP', 'DBUS_SESSION_BUS_ADDRESS', 'BROWSER', 'SystemRoot'];
const START_MS = 10_000;

/**
 * Makes a dashboard or a service reachable from here and says where, to `say`; what is passed on is passed on until the first Ctrl-C.
 * Errors: TODOCTL_FORWARD_*, TODOCTL_PORT_TAKEN, TODOCTL_NOT_DEPLOYED, TODOCTL_CLUSTER_*.
 */
export async function open(context: Context, { what, port, print }: OpenOptions, say: (result: OpenResult) => void, lost: (why: string) => void): Promise<void> {
  const target = await context.target();
  const { environment } = context;
  if (what === undefined) {
    const { url, record } = await target.entrance();
    say({ environment, url: url.href, ...(record === undefined ? {} : { record }) });
    if (!print) await browse(context, url);
    return;
  }
  if (!target.forward) {
    throw new TodoctlError('TODOCTL_FORWARD_UNKNOWN', { message: `There is no ${what} to open in ${environment}`, details: ['on this machine there is the entrance alone'], next: ['Run todoctl open without a name.'] });
  }
  const { url, to, ...who } = await target.forward({ what, lost, ...(port === undefined ? {} : { port }) }, context.stop);
  say({ environment, url: url.href, to, ...who });
  if (!print) await browse(context, url);
  if (!context.stop.aborted) await new Promise<void>((resolve) => context.stop.addEventListener('abort', () => resolve(), { once: true }));
}

/** A machine without a browser has its user's eyes: the address was said. */
async function browse({ env, cwd, io, stop }: Context, url: URL): Promise<void> {
  const [program = 'xdg-open', ...args] = BROWSERS[process.platform] ?? [];
  const kept = Object.fromEntries(FOR_BROWSERS.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  await runProgram({ program, args: [...args, url.href], env: kept, cwd, timeoutMs: START_MS, redactor: io.redactor, signal: stop }).catch(() => undefined);
}
