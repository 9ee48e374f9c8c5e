import { parse, parseAllDocuments } from 'yaml';
import type { Platform } from '../../../definition/platform.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { type Head, headIn } from '../../../render/applied.ts';
import { folderOf } from '../../../render/environment.ts';
import { valuesPath } from '../../../render/own-chart.ts';
import type { Rendered } from '../../../render/rendered.ts';
import type { Active } from '../../../systems/environment.ts';
import { namespaceOf } from '../../../systems/names.ts';
import { markedByHelm, type OwnRelease, textMarkedByHelm } from './helm-marks.ts';

/** An object that deploy is to bring about. */
export interface Wanted {
  /** What names it: known before all of it is read. */
  head: Head;
  /** Parsed when it is first asked for, which takes longer than all else that a plan of an unchanged environment does. */
  readonly object: KubernetesObject;
  /** What is sent of it, YAML or JSON. */
  readonly body: string;
  system: string;
  /** `helm` where it belongs to the release of the app, so that what Helm installed is unchanged. */
  manager: 'todoctl' | 'helm';
}

/** A Helm release of somebody else's chart. */
export interface WantedRelease {
  release: string;
  namespace: string;
  chart: string;
  version: string;
  system: string;
  /** What is given to the chart; the chart has its own defaults below. Parsed when it is first asked for. */
  readonly values: unknown;
}

export interface Desired {
  objects: Wanted[];
  releases: WantedRelease[];
  /** API group → the system whose chart brings its kinds. */
  provided: ReadonlyMap<string, string>;
}

/** What an environment is to have, from its rendered files. */
export function desiredOf(platform: Platform, files: readonly Rendered[], systems: readonly Active[]): Desired {
  const own = systems.find((system) => system.own)?.own;
  const helm = { release: own?.release ?? platform.name, namespace: namespaceOf(platform) };
  return {
    objects: files.filter(({ owner }) => owner !== 'file').map(({ text, system, owner }) =>
      owner === 'release' ? wantedIn(text, { system, manager: 'helm' }, helm) : wantedIn(text, { system, manager: 'todoctl' }),
    ),
    releases: systems.flatMap((system, index) =>
      (system.charts ?? []).map(({ release, namespace, chart, version }): WantedRelease => {
        const text = files.find(({ path }) => path === valuesPath(folderOf(index, system), release))?.text ?? '';
        let values: unknown;
        return {
          release, namespace, chart, version, system: system.id,
          get values() {
            return (values ??= parse(text, { prettyErrors: false }) as unknown);
          },
        };
      }),
    ),
    provided: new Map(systems.flatMap(({ id, charts = [] }) => charts.flatMap(({ provides }) => provides.map((group) => [group, id] as const)))),
  };
}

/** The object of a rendered text; `own` where it belongs to that release. */
function wantedIn(text: string, of: Pick<Wanted, 'system' | 'manager'>, own?: OwnRelease): Wanted {
  let parsed: KubernetesObject | undefined;
  const whole = (): KubernetesObject => {
    const object = parse(text, TRUSTED) as KubernetesObject;
    return own ? markedByHelm(object, own) : object;
  };
  return {
    ...of,
    head: headIn(text),
    get object() {
      return (parsed ??= whole());
    },
    get body() {
      return (own ? textMarkedByHelm(text, own) : text) ?? JSON.stringify(this.object);
    },
  };
}

/** Rendered by us, so it has no key twice, and its mistakes need no place: both take half of the time. */
const TRUSTED = { prettyErrors: false, uniqueKeys: false };

/** The objects of a file; a hook of Helm is none that stays. */
export function objectsOf(text: string): KubernetesObject[] {
  return parseAllDocuments(text, TRUSTED).flatMap((document) => {
    const object = document.toJS() as KubernetesObject | null;
    return object && object.metadata.annotations?.['helm.sh/hook'] === undefined ? [object] : [];
  });
}

/** Kinds of which a plan reads nothing but what they are called: they need not be parsed. */
const ONLY_SENT = new Set([
  'ClusterRole', 'ClusterRoleBinding', 'Component', 'ConfigMap', 'Configuration', 'HTTPRoute', 'KafkaUser', 'Namespace', 'NetworkPolicy', 'PodDisruptionBudget',
  'PodMonitor', 'PrometheusRule', 'Resiliency', 'Role', 'RoleBinding', 'ServiceAccount', 'ServiceMonitor', 'Subscription',
]);

/** The objects that are more than sent: those that say something of pods, topics, or what costs money. */
export function readObjects({ objects }: Pick<Desired, 'objects'>): KubernetesObject[] {
  return objects.filter(({ head }) => !ONLY_SENT.has(head.kind)).map(({ object }) => object);
}
