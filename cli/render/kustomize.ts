import { stringify } from 'yaml';
import { jsonPatch } from './json-patch.ts';

/** An object of Kubernetes, as far as it is told apart from others. */
export interface Identified {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
}

export interface KustomizeFile {
  path: string;
  text: string;
}

/** The label that tells environments apart: overlays add it, the base has none. */
const ENVIRONMENT = 'todoctl.io/environment';

/**
 * A Kustomize base and an overlay for each environment; building an overlay gives exactly the environment's objects. The base
 * holds what all have, as the first has it; an overlay adds what is its own and patches what differs. Object text: YAML.
 */
export function kustomize(environments: readonly { name: string; objects: readonly Identified[] }[]): KustomizeFile[] {
  const bare = environments.map(({ name, objects }) => ({ name, objects: new Map(objects.map((object) => [keyOf(object), withoutEnvironment(object)])) }));
  const [first] = bare;
  if (!first) return [];
  const common = [...first.objects].filter(([key]) => bare.every(({ objects }) => objects.has(key)));
  const base = new Map(common);
  return [
    ...common.map(([, object]) => ({ path: `base/${fileOf(object)}`, text: stringify(object, { lineWidth: 0 }) })),
    { path: 'base/kustomization.yaml', text: kustomization({ resources: common.map(([, object]) => fileOf(object)) }) },
    ...bare.flatMap(({ name, objects }) => overlay(name, [...objects], base)),
  ];
}

function overlay(name: string, objects: readonly (readonly [string, Identified])[], base: ReadonlyMap<string, Identified>): KustomizeFile[] {
  const folder = `overlays/${name}`;
  const own = objects.filter(([key]) => !base.has(key)).map(([, object]) => object);
  const patched = objects.flatMap(([key, object]) => {
    const operations = base.has(key) ? jsonPatch(base.get(key), object) : [];
    return operations.length === 0 ? [] : [{ object, operations }];
  });
  return [
    ...own.map((object) => ({ path: `${folder}/${fileOf(object)}`, text: stringify(object, { lineWidth: 0 }) })),
    ...patched.map(({ object, operations }) => ({ path: `${folder}/patches/${fileOf(object)}`, text: stringify(operations, { lineWidth: 0 }) })),
    {
      path: `${folder}/kustomization.yaml`,
      text: kustomization({
        resources: ['../../base', ...own.map(fileOf)],
        labels: [{ pairs: { [ENVIRONMENT]: name } }],
        ...(patched.length === 0 ? {} : { patches: patched.map(({ object }) => ({ path: `patches/${fileOf(object)}`, target: targetOf(object) })) }),
      }),
    },
  ];
}

/** A kustomization.yaml. */
export function kustomization(content: object): string {
  return stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...content }, { lineWidth: 0 });
}

function targetOf({ apiVersion, kind, metadata: { name, namespace } }: Identified): object {
  const [version, group] = apiVersion.split('/').reverse();
  // A target's names are regular expressions; kustomize anchors them itself.
  return { ...(group === undefined ? {} : { group }), version, kind, name: name.replaceAll('.', '\\.'), ...(namespace === undefined ? {} : { namespace }) };
}

function keyOf({ apiVersion, kind, metadata: { name, namespace = '' } }: Identified): string {
  return [apiVersion, kind, namespace, name].join(' ');
}

function fileOf({ kind, metadata: { name, namespace } }: Identified): string {
  return `${[kind.toLowerCase(), ...(namespace === undefined ? [] : [namespace]), name].join('-')}.yaml`;
}

function withoutEnvironment(object: Identified): Identified {
  const { labels, ...metadata } = object.metadata;
  if (!labels) return object;
  const { [ENVIRONMENT]: _left, ...others } = labels;
  return { ...object, metadata: { ...metadata, labels: others } };
}
