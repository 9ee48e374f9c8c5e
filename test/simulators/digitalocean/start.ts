import { randomBytes } from 'node:crypto';
import { type SimulatedClock, simulatedClock } from './clock.ts';
import type { ClusterBehind, ClusterRow } from './clusters/row.ts';
import type { DatabaseBehind, DatabaseRow } from './databases/row.ts';
import { addOthers } from './others.ts';
import { newProject } from './projects.ts';
import { type ControllersGiven, runControllers } from './controllers/run.ts';
import { openContract } from './contract.ts';
import { type Fault, Faults, type Struck } from './faults.ts';
import { type Limits, Rate } from './rate.ts';
import type { Token } from './route.ts';
import { ROUTES } from './routes.ts';
import { type Recorded, serve } from './server.ts';
import { DURATIONS, type Durations, emptyState, type State, type World } from './world.ts';

export interface DigitalOceanOptions {
  /** The real API server of clusters that are made; without one their address leads nowhere. */
  behind?: ClusterBehind | ((cluster: ClusterRow) => ClusterBehind | undefined);
  /** Load balancers for Services and volumes for claims in the API servers behind clusters; none are made when left out. */
  controllers?: ControllersGiven;
  /** The real servers of databases that are made. */
  databaseBehind?: DatabaseBehind | ((database: DatabaseRow) => DatabaseBehind | undefined);
  /** PEM of who signed those servers' certificates. */
  databaseCa?: string;
  /** So many load balancers that other people have on the account, some of them in our region. */
  others?: number;
  /** Time runs by itself, so many times as fast as real time; without it only tests move it. */
  speed?: number;
  /** Its first moment, milliseconds since the epoch: for clients that go by the time of this machine. */
  start?: number;
  durations?: Partial<Durations>;
  /** All things are ready and gone at once. */
  instant?: boolean;
  dropletLimit?: number;
  limits?: Limits;
  port?: number;
}

/** A running simulator. Leaving its scope ends it, and fails where a client did what no client may do. */
export interface DigitalOcean extends AsyncDisposable {
  /** Without `/v2`: for DIGITALOCEAN_API_URL. */
  readonly url: string;
  /** May do everything. */
  readonly token: string;
  readonly clock: SimulatedClock;
  readonly state: State;
  /** For what tests put into the account: `newLoadBalancer(api.world, …)`. */
  readonly world: World;
  /** Every request, oldest first. */
  readonly requests: readonly Recorded[];
  /** What controllers could not do. */
  readonly troubles: readonly string[];
  /** What clients did that no client may: unknown routes, keys, types. */
  readonly violations: readonly string[];
  /** Makes requests to come fail. */
  fail(fault: Fault): Struck;
  /** A further token; with scopes it may do only those. */
  grant(...scopes: string[]): string;
  /** The token is no longer known. */
  revoke(token?: string): void;
  /** Requests that changed something, as `POST /v2/vpcs`. */
  changes(): string[];
  /** Forgets violations, for a test that provokes them. */
  forgive(): void;
}

/** Starts the API with an account that has nothing. */
export async function startDigitalOcean({ behind, controllers, databaseBehind, databaseCa, others = 0, speed, start, durations = {}, instant = false, dropletLimit, limits = {}, port }: DigitalOceanOptions = {}): Promise<DigitalOcean> {
  const clock = simulatedClock({ ...(speed === undefined ? {} : { speed }), ...(start === undefined ? {} : { start }) });
  const [state, requests, violations, faults] = [emptyState(), [] as Recorded[], [] as string[], new Faults()];
  if (dropletLimit !== undefined) state.account.dropletLimit = dropletLimit;
  const world: World = {
    clock,
    state,
    durations: { ...(instant ? (Object.fromEntries(Object.keys(DURATIONS).map((name) => [name, 0])) as Durations) : DURATIONS), ...durations },
    behind: (cluster) => (typeof behind === 'function' ? behind(cluster) : behind),
    databaseBehind: (database) => (typeof databaseBehind === 'function' ? databaseBehind(database) : databaseBehind),
    ...(databaseCa === undefined ? {} : { databaseCa: Buffer.from(databaseCa).toString('base64') }),
    violate: (what) => void violations.push(what),
  };
  newProject(world, { name: 'first-project', purpose: 'Just trying out', is_default: true });
  addOthers(world, others);
  const tokens = new Map<string, Token>();
  const grant = (...scopes: string[]): string => {
    const value = `dop_v1_${randomBytes(32).toString('hex')}`;
    tokens.set(value, { value, ...(scopes.length === 0 ? {} : { scopes }) });
    return value;
  };
  const token = grant();
  const contract = openContract();
  if ('skipped' in contract) console.warn(contract.skipped);
  const server = await serve({ world, routes: ROUTES, tokens, faults, rate: new Rate(clock, limits), requests, ...('skipped' in contract ? {} : { contract }) }, port);
  const running = controllers && runControllers(world, controllers);
  return {
    url: server.url,
    get troubles() {
      return running?.errors ?? [];
    },
    token, clock, state, world, requests, violations, grant,
    fail: (fault) => faults.arm(fault),
    revoke: (which = token) => void tokens.delete(which),
    changes: () => requests.filter(({ method, status }) => method !== 'GET' && (status === undefined || status < 400)).map(({ method, path }) => `${method} ${path}`),
    forgive: () => void violations.splice(0),
    async [Symbol.asyncDispose]() {
      await running?.stop();
      await server.close();
      if (violations.length > 0) throw new Error(`A client did what none may do:\n${[...new Set(violations)].join('\n')}`);
    },
  };
}
