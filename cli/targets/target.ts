import type { Step } from '../engine/step.ts';
import type { Clock } from '../io/clock.ts';
import type { Io } from '../io/io.ts';
import type { KafkaAccess } from '../kafka/access.ts';
import type { ImagesGiven, WantedImages } from '../images/make.ts';
import type { Check, Registry } from '../providers/provider.ts';
import type { RegistryKeeper } from '../providers/registry-keeper.ts';
import type { Resource } from '../providers/resource.ts';

/** What a target is opened with: of the process, and which environment is meant. */
export interface TargetGiven {
  io: Io;
  clock: Clock;
  env: NodeJS.ProcessEnv;
  cwd: string;
  environment: string;
  /** First Ctrl-C or SIGTERM. */
  stop: AbortSignal;
  /** Second Ctrl-C. */
  leave: AbortSignal;
}

export interface Health {
  name: string;
  kind: 'service' | 'sidecar' | 'broker' | 'database' | 'gateway' | 'supervisor' | 'operator' | 'node';
  state: 'ready' | 'starting' | 'failing' | 'stopped';
  /** Why it is not ready, or since when it is. */
  reason?: string;
  pid?: number;
  port?: number;
  /** In a cluster: `2/3` replicas ready. */
  replicas?: string;
  restarts: number;
  /** Milliseconds since the epoch. */
  since?: number;
}

export interface LogLine {
  process: string;
  text: string;
}

export interface LogSelection {
  /** Names of services or processes; empty means all. */
  names: readonly string[];
  follow: boolean;
  /** How many lines back. */
  tail: number;
  /** In a cluster: of the Dapr sidecars instead of the services. */
  sidecar?: boolean;
  /** In a cluster: of the containers before their last restart. */
  previous?: boolean;
  /** Seconds back; undefined is as far as `tail` goes. */
  since?: number;
}

/** Who looks at Kafka from outside: `tail` may read events, `lag` how far consumers are behind. */
export type KafkaUser = 'tail' | 'lag';

export interface TeardownSelection {
  /** On this machine: the data stays, for the next deploy. */
  keepData: boolean;
  /** At a provider: the managed database stays. */
  keepDatabase?: boolean;
  withRegistry?: boolean;
}

/** One deploy of the app that can be gone back to. */
export interface Revision {
  revision: number;
  /** Milliseconds since the epoch. */
  at: number;
  state: 'deployed' | 'superseded' | 'failed' | 'pending';
  description: string;
}

/** How to reach something in a cluster from here. */
export interface Entrance {
  url: URL;
  /** Where to connect to instead of the host of `url`, which may have no DNS record yet. */
  connectTo?: { host: string; port: number };
  /** The record that the host name needs in DNS, where a resolver here does not know it. */
  record?: string;
  /** Who keeps the zone that has this record already; a person must make it where this is absent. */
  zone?: string;
}

export interface ForwardSelection {
  /** A dashboard, or a service. */
  what: string;
  /** Of this machine; a free one when left out. */
  port?: number;
  /** Told why a connection could not be passed on; the next one may be. */
  lost?: (why: string) => void;
}

/** What is listened on here. */
export interface Forwarded {
  url: URL;
  /** Pod behind it: `grafana-0 in monitoring`. */
  to: string;
  /** Who signs in there. */
  user?: string;
  /** The command that shows the password. */
  password?: string;
}

export interface DeploySelection {
  /** Replaces the step limit, milliseconds. */
  timeout?: number;
}

/** What an environment's images are made of, and where they go. */
export interface TargetImages {
  server: string;
  repository: string;
  wanted(more?: Pick<WantedImages, 'base' | 'platform'>): Promise<WantedImages>;
  given(more?: Pick<ImagesGiven, 'builders'>): ImagesGiven;
  /** Errors: TODOCTL_REGISTRY_NONE. */
  registry(): Promise<Step<Registry>>;
  /** Tags that a revision of the app has, and so may be gone back to. */
  used(): Promise<readonly string[]>;
}

/** A place that runs the platform, bound to one environment. What it cannot do is absent, not a stub. */
export interface Target {
  /** Everything that would stop a deploy, found before the first change; doctor asks the same. */
  preflight(): Promise<readonly Check[]>;
  deploy(options?: DeploySelection): Promise<readonly Step[]>;
  teardown(options: TeardownSelection): Promise<readonly Step[]>;
  resources(): Promise<readonly Resource[]>;
  /** What it would cost as it is declared, each part with its price where one is known. Absent where nothing is billed. */
  price?(): Promise<readonly Resource[]>;
  /** What is there and billed by somebody; absent where nothing is. */
  billed?(): Promise<readonly Resource[]>;
  status(): Promise<readonly Health[]>;
  /** `user`: where brokers ask who one is; `tail` when left out. */
  kafka(user?: KafkaUser): Promise<KafkaAccess>;
  logs(of: LogSelection, signal: AbortSignal): AsyncIterable<LogLine>;
  entrance(): Promise<Entrance>;
  /** Which cluster it is, for a person: `todo-prod (https://…)`; undefined where there is none yet. Absent on this machine. */
  where?(): Promise<string | undefined>;
  /** Where an environment on this machine keeps its state. */
  folder?(): Promise<string>;
  /** What the runbooks check of a platform that runs. */
  diagnose?(): Promise<readonly Check[]>;
  images?(): Promise<TargetImages>;
  /** The registry that its provider keeps for the platform; undefined where somebody else does. */
  registry?(): Promise<RegistryKeeper | undefined>;
  /** Newest first. */
  revisions?(): Promise<readonly Revision[]>;
  /** Code, configuration, Dapr objects and policies as one; topics and data never. */
  rollback?(to?: number): Promise<readonly Step[]>;
  scale?(service: string, to: { min: number; max: number }): Promise<readonly Step[]>;
  /** Tries it as a user would, through its entrance or through `url`. */
  smoke?(url?: URL): Promise<readonly Step[]>;
  /** Listens on a port of this machine until `signal`, and passes on to a service or a dashboard. */
  forward?(selection: ForwardSelection, signal: AbortSignal): Promise<Forwarded>;
}
