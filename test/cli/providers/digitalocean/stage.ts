import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Outcome, type RunGiven, runSteps } from '../../../../cli/engine/run.ts';
import type { EngineEvent, Step } from '../../../../cli/engine/step.ts';
import { loadPlatform } from '../../../../cli/definition/load.ts';
import { Redactor } from '../../../../cli/io/redactor.ts';
import { digitalOceanProvider } from '../../../../cli/providers/digitalocean/digitalocean.ts';
import type { Check, Provider } from '../../../../cli/providers/provider.ts';
import { type DigitalOcean, type DigitalOceanOptions, startDigitalOcean } from '../../../simulators/digitalocean/start.ts';
import { SYSTEM_SCHEMAS } from '../../../../cli/systems/all.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { type ApiBehind, startApiBehind } from './api-behind.ts';

/** So many times as fast as real time. A limit of two minutes is still seconds, on a machine that is busy. */
const SPEED = 50;
/** Milliseconds of that time: a cluster is made in a fifth of a second. */
const QUICK = { cluster: 10_000, nodes: 10_000, upgrade: 10_000, clusterGone: 10_000, member: 15_000, loadBalancer: 1000, loadBalancerGone: 2000, volumeGone: 2000, database: 5000, databaseGone: 5000 };
export const ENVIRONMENT = { provider: 'digitalocean', region: 'nyc3', nodes: { size: 's-2vcpu-4gb', count: 3, min: 2, max: 5 }, auth: { jwks: 'https://id.example.com/keys' } };

/** A simulated account, the API server behind its clusters, and a provider of one environment. */
export interface Stage extends AsyncDisposable {
  readonly account: DigitalOcean;
  readonly behind: ApiBehind;
  readonly folder: string;
  readonly events: EngineEvent[];
  /** A provider as a new process has it. */
  provider(given?: { environment?: object; services?: object; topics?: object; token?: string; stop?: AbortSignal; name?: string }): Promise<Provider>;
  run(steps: readonly Step[], given?: Partial<RunGiven>): Promise<Outcome>;
  /** Makes the cluster from nothing. */
  create(): Promise<Outcome>;
}

export async function stage(options: DigitalOceanOptions = {}): Promise<Stage> {
  const behind = await startApiBehind();
  const account = await startDigitalOcean({ speed: SPEED, durations: QUICK, behind: () => ({ server: behind.server, ca: behind.ca, token: () => behind.token }), limits: { perMinute: 100_000, perHour: 1_000_000 }, ...options });
  const folder = await temporaryFolder();
  const events: EngineEvent[] = [];
  const never = new AbortController().signal;
  const self: Stage = {
    account, behind, folder, events,
    async provider({ environment = {}, services = {}, topics = {}, token = account.token, stop = never, name = 'prod' } = {}) {
      const definition = { platform: 'todo', topics, services, environments: { [name]: { ...ENVIRONMENT, ...environment } } };
      await writeFile(path.join(folder, 'todoctl.yaml'), JSON.stringify(definition));
      return digitalOceanProvider({
        env: { DIGITALOCEAN_API_URL: account.url, DIGITALOCEAN_ACCESS_TOKEN: token, HOME: folder },
        cwd: folder,
        stop,
        redactor: new Redactor(),
        clock: account.clock,
        owner: { platform: 'todo', environment: name },
        kubeconfig: path.join(folder, '.todoctl', name, 'kubeconfig'),
        platform: () => loadPlatform({ cwd: folder, environment: name, env: {}, systems: SYSTEM_SCHEMAS }),
      });
    },
    run: (steps, given = {}) => runSteps(steps, { emit: (event) => void events.push(event), clock: account.clock, stop: never, leave: never, ...given }),
    async create() {
      return self.run([(await (await self.provider()).steps()).cluster]);
    },
    async [Symbol.asyncDispose]() {
      await behind[Symbol.asyncDispose]();
      await account[Symbol.asyncDispose]();
    },
  };
  return self;
}

/** Codes of what a preflight found wrong, with their titles. */
export function wrong(checks: readonly Check[]): string[] {
  return checks.flatMap(({ title, error }) => (error ? [`${title}: ${error.code}`] : []));
}
