import type { Step } from '../engine/step.ts';
import type { TodoctlError } from '../errors/todoctl-error.ts';
import type { Redactor } from '../io/redactor.ts';
import type { ClusterAccess } from '../kubernetes/kubeconfig.ts';
import type { RegistryKeeper } from './registry-keeper.ts';
import type { Resource } from './resource.ts';

/** One thing that must be right before a deploy. */
export interface Check {
  title: string;
  /** What is wrong; undefined when nothing is. */
  error?: TodoctlError;
}

/** A cluster that is there, and how to reach it. */
export interface Cluster {
  /** For a person: `todo-prod in nyc3`. */
  name: string;
  access: ClusterAccess;
  /** A kubeconfig of this cluster alone, mode 0600, for programs such as helm. */
  kubeconfig: string;
  /** UID of its namespace kube-system, by which a cluster is known. */
  uid: string;
  /** UUID at its provider, where it has one. */
  id?: string;
  /** Signs in anew when the API server no longer knows who asks; absent where nothing can be renewed. */
  renew?(): Promise<ClusterAccess>;
}

export interface RegistryCredentials {
  username: string;
  password: string;
}

/** Where images are, and who may look and write there. */
export interface Registry {
  /** `registry.digitalocean.com`, `10.10.0.1:5000`. */
  server: string;
  /** Below the server: `todo/todo`. */
  repository: string;
  /** Credentials that were made for this, or that were given; absent where the registry asks nobody. */
  signIn?: (access: 'read' | 'write') => Promise<RegistryCredentials>;
  /** What a node pulls with, as Kubernetes wants it in `.dockerconfigjson`; undefined where it asks nobody, or where `attach` gives it. */
  pull?: string;
}

/** What a cluster pulls from its provider's registry with. */
export interface Attached {
  /** As Kubernetes wants it in `.dockerconfigjson`; the provider renews it. */
  pull: string;
}

/** How services reach a database that the provider runs. Secret, all of it. */
export interface Database {
  /** For a transaction pooler, where there is one. */
  uri: string;
  /** Past the pooler. */
  directUri: string;
  /** Of its administrator, past the pooler, for what the services' user may not do; absent where nobody needs one. */
  adminUri?: string;
}

/** How services reach a Kafka that the provider runs. */
export interface ManagedKafka {
  brokers: string;
  username: string;
  password: string;
  /** Passwords by the name of the user, where each client has its own. */
  users?: Readonly<Record<string, string>>;
  /** PEM. */
  ca?: string;
}

/** What a provider makes before anything can be deployed. What it does not make is absent. */
export interface ProviderSteps {
  cluster: Step<Cluster>;
  /** Does not need the cluster, so that images are built while it comes up. */
  registry?: Step<Registry>;
  /** Lets the cluster pull from the registry; needs both. */
  attach?: Step<Attached>;
  database?: Step<Database>;
  kafka?: Step<ManagedKafka>;
  /** Files what was made where a person looks for it; nothing waits for that. */
  project?: Step;
}

export interface ProviderTeardown {
  /** What was found before: that goes, not what todoctl.yaml says. */
  found: readonly Resource[];
  keepDatabase: boolean;
  withRegistry: boolean;
  /** The last step of emptying the cluster, which all of these wait for; absent where there is no cluster to empty. */
  after?: Step;
}

/** A cluster at its provider, as commands about clusters show it. */
export interface ClusterSummary {
  id: string;
  name: string;
  region: string;
  /** Of Kubernetes, as the provider writes it: `1.36.1-do.0`. */
  version: string;
  /** Whether several machines carry its API. */
  ha: boolean;
  /** In the provider's words: `running`, `provisioning`, `error`. */
  state: string;
  message?: string;
  /** Whose it is; absent where it is not ours. */
  platform?: string;
  environment?: string;
  endpoint?: string;
  pools: { name: string; size: string; count: number; min?: number; max?: number }[];
  /** Milliseconds since the epoch. */
  since: number;
  /** What its nodes cost, USD. */
  nodesMonthly?: number;
}

/** What commands about clusters ask of a provider that makes them. */
export interface ProviderClusters {
  /** The environment's; undefined where there is none yet. */
  show(): Promise<ClusterSummary | undefined>;
  /** Versions that it can be upgraded to, newest first. */
  upgrades(): Promise<readonly string[]>;
  /** `to`: `latest`, a minor version or a full one. */
  upgrade(to: string): Promise<Step>;
}

/** Where the platform is entered, as its cluster says. */
export interface EntranceAddress {
  /** The public host name, where the environment has one. */
  host?: string;
  /** Of the load balancer: an address, or a name. */
  address: string;
}

/** Host names in zones that a provider keeps for the account. */
export interface ProviderNames {
  /** What the names of its name servers end with: `digitalocean.com`. */
  readonly servers: string;
  /** Whether a zone of the account has the host lead to this address; a resolver may not know it yet. */
  leadsTo(host: string, address: string): Promise<boolean>;
  /** Makes it so where a zone of the account holds the host. A record of somebody else is left, and that is said. */
  record(entrance: Step<EntranceAddress | undefined>): Step;
}

/** What controllers of a cluster will make outside of it for what is deployed. */
export interface WantedOutside {
  loadBalancers: number;
  /** GiB of each. */
  volumes: readonly number[];
}

/** Who gives clusters, registries and databases, bound to one environment. What a provider cannot do is absent, not a stub. */
export interface Provider {
  /** `DigitalOcean`. */
  readonly name: string;
  readonly clusters?: ProviderClusters;
  readonly names?: ProviderNames;
  /** The registry that it keeps for the platform; undefined where todoctl.yaml says of somebody else's. */
  registries?(): Promise<RegistryKeeper | undefined>;
  /** What would stop a deploy: token and its scopes, limits, sizes, regions, versions. Changes nothing. */
  preflight(): Promise<readonly Check[]>;
  /** The cluster of the environment as it is now; undefined where there is none yet. */
  cluster(): Promise<Cluster | undefined>;
  steps(): Promise<ProviderSteps>;
  /** What there is of this environment and platform, priced; with `billed` without what is always free. */
  resources(options?: { billed?: boolean }): Promise<readonly Resource[]>;
  /** Removes what it gave; steps wait until each is gone. */
  teardown?(options: ProviderTeardown): Promise<readonly Step[]>;
  /** What the environment would cost once it is deployed. */
  price?(made: WantedOutside): Promise<readonly Resource[]>;
}

/** What a provider is opened with. */
export interface ProviderGiven {
  env: NodeJS.ProcessEnv;
  cwd: string;
  stop: AbortSignal;
  redactor: Redactor;
  /** Told in a line what is waited for when no step tells it. */
  say?: (line: string) => void;
}
