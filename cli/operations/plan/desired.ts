import { parse, parseAllDocuments } from 'yaml';
import type { Platform } from '../../definition/platform.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { folderOf } from '../../render/environment.ts';
import { valuesPath } from '../../render/own-chart.ts';
import type { Rendered } from '../../render/rendered.ts';
import type { Active } from '../../systems/environment.ts';
import { namespaceOf } from '../../systems/names.ts';

/** An object that deploy is to bring about. */
export interface Wanted {
  object: KubernetesObject;
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
  /** What is given to the chart; the chart has its own defaults below. */
  values: unknown;
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
    objects: files.filter(({ owner }) => owner !== 'file').flatMap(({ text, system, owner }) =>
      objectsOf(text).map((object): Wanted => (owner === 'release' ? { object: ofHelm(object, helm), system, manager: 'helm' } : { object, system, manager: 'todoctl' })),
    ),
    releases: systems.flatMap((system, index) =>
      (system.charts ?? []).map(({ release, namespace, chart, version }): WantedRelease => {
        const values = files.find(({ path }) => path === valuesPath(folderOf(index, system), release))?.text ?? '';
        return { release, namespace, chart, version, system: system.id, values: parse(values, { prettyErrors: false }) as unknown };
      }),
    ),
    provided: new Map(systems.flatMap(({ id, charts = [] }) => charts.flatMap(({ provides }) => provides.map((group) => [group, id] as const)))),
  };
}

/** The objects of a file; a hook of Helm is none that stays. */
export function objectsOf(text: string): KubernetesObject[] {
  // Rendered by us, so it has no key twice, and its mistakes need no place: both take half of the time.
  return parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false }).flatMap((document) => {
    const object = document.toJS() as KubernetesObject | null;
    return object && object.metadata.annotations?.['helm.sh/hook'] === undefined ? [object] : [];
  });
}

/** What Helm writes into every object of a release. */
function ofHelm(object: KubernetesObject, { release, namespace }: { release: string; namespace: string }): KubernetesObject {
  const { labels, annotations, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...labels, 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { ...annotations, 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace },
    },
  };
}
