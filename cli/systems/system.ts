import type * as z from 'zod';
import type { Platform } from '../definition/platform.ts';

/**
 * Who changes a rendered thing. `release`: an object of the Helm release of the app, changed and rolled back with it.
 * `applied`: an object that outlives the app, applied server-side. `file`: not for the cluster's API.
 */
export type Owner = 'release' | 'applied' | 'file';

/** One file to render: which template, filled with what, under which name. */
export interface Artefact {
  /** `topic-task-events.yaml`; of owner `file` with its folder: `terraform/main.tf`. */
  file: string;
  /** Name below templates/: `strimzi/topic.yaml.hbs`. */
  template: string;
  view: object;
  owner: Owner;
}

/** What pods ask of the nodes, as a scheduler counts it: requests, not limits. */
export interface Footprint {
  name: string;
  replicas: number;
  /** Where an autoscaler may go. */
  most?: number;
  /** Of one replica, in thousandths of a CPU. */
  cpu: number;
  /** Of one replica, in MiB. */
  memory: number;
  /** Volumes of one replica, in GiB each. */
  volumes?: readonly number[];
}

/** A Helm release of somebody else's chart. */
export interface Chart {
  release: string;
  namespace: string;
  /** Its name in the repository, or an `oci://` address. */
  chart: string;
  /** `https://…`; absent for `oci://`. */
  repository?: string;
  version: string;
  /** Its values file, like an artefact's template. */
  values: { template: string; view: object };
  /** API groups whose kinds exist once it is installed. */
  provides: readonly string[];
  pods: readonly Footprint[];
}

export interface Namespace {
  name: string;
  podSecurity: 'restricted' | 'baseline' | 'privileged';
}

/** Pods by their labels; those of the app's namespace have at least one, or everyone would be meant. */
export interface Pods {
  namespace: string;
  labels: Readonly<Record<string, string>>;
}

/** A port that pods offer; after the name of a Service is resolved, so the pod's own. */
export interface Port {
  port: number;
  protocol?: 'TCP' | 'UDP';
}

/**
 * Something that can be called, by a name. Several may serve one id: `metrics` is served by all that Prometheus reads.
 * Ids that services call of themselves (network-services.ts): `kafka`, `postgres`, `dapr`, `tracing`; that they serve: `metrics` (each
 * service's and its sidecar's), `entrance` (those with a route). There anyway is `kubernetes-api`; DNS is everyone's.
 */
export interface Serves {
  id: string;
  /** `outside`: any address, where no label can say more: a managed database. `anyone`: any address and any pod. */
  pods: Pods | 'outside' | 'anyone';
  ports: readonly Port[];
}

/** One arrow of the network: who may call what. Of arrows between other namespaces nothing is made: their policies are not ours. */
export interface Calls {
  from: Pods | 'anyone';
  /** Ids of what systems serve; one that no system serves here is passed over. */
  to: readonly string[];
}

/** The Helm release of the app: a chart of our own, with its values. */
export interface OwnChart {
  release: string;
  /** Its folder below charts/. */
  chart: string;
  /** Template of its values file; the view gets `values`, which hold `objects`: all artefacts of owner `release`. */
  template: string;
  values: object;
}

/** What is known of the images without building them: the tag of each service's. */
export type Tags = Readonly<Record<string, string>>;

/** What an environment has of a system. */
export interface Parts {
  own?: OwnChart;
  namespace?: Namespace;
  charts?: readonly Chart[];
  artefacts?: readonly Artefact[];
  /** Pods that an operator makes from the artefacts: no object here shows them. */
  pods?: readonly Footprint[];
  /** Pods of its own Deployments and jobs, for the bounds of the namespace, which come before the objects; plan counts these in the objects. */
  ownPods?: readonly Footprint[];
  serves?: readonly Serves[];
  calls?: readonly Calls[];
}

/** One of the systems that an environment in a cluster is made of, as data. Adding one is one file here and its templates. */
export interface System {
  /** Its name, and that of its block in an environment of todoctl.yaml. */
  id: string;
  /** Systems that must stand before it; those that an environment lacks are passed over. */
  needs: readonly string[];
  /** Its block in an environment; with every key that its templates read, and its default. */
  settings?: z.ZodType;
  /** Undefined where the environment does not have it. */
  parts(platform: Platform, tags: Tags): Parts | undefined;
}

/** A system whose `parts` gets its own settings, checked and with defaults. */
export function defineSystem<S extends z.ZodType>(system: {
  id: string;
  needs: readonly string[];
  settings: S;
  parts(platform: Platform, settings: z.output<S>, tags: Tags): Parts | undefined;
}): System {
  const { id, needs, settings } = system;
  return { id, needs, settings, parts: (platform, tags) => system.parts(platform, platform.environment.systems[id] as z.output<S>, tags) };
}
