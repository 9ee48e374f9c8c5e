import type { KubernetesObject } from '../../../kubernetes/object.ts';

/** The release of the app, as Helm names it. */
export interface OwnRelease {
  release: string;
  namespace: string;
}

/** What Helm writes into every object of a release. */
export function markedByHelm(object: KubernetesObject, own: OwnRelease): KubernetesObject {
  const { labels, annotations, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, labels: { ...labels, ...LABELS }, annotations: { ...annotations, ...annotationsOf(own) } } };
}

/**
 * The same in the text of an object, without parsing it: as our templates write metadata, in block style and two spaces deep.
 * Undefined where it is written otherwise.
 */
export function textMarkedByHelm(text: string, own: OwnRelease): string | undefined {
  const found = /^metadata:\n((?: .*\n)+)/m.exec(text);
  const [whole = '', written = ''] = found ?? [];
  // What our own chart makes says already that it is Helm's.
  const metadata = written.replace(MANAGED_BY, '$1');
  if (!found || MARKS.test(metadata)) return undefined;
  const marked = withLines(withLines(metadata, 'labels', LABELS), 'annotations', annotationsOf(own));
  return marked === undefined ? undefined : `${text.slice(0, found.index)}metadata:\n${marked}${text.slice(found.index + whole.length)}`;
}

const LABELS = { 'app.kubernetes.io/managed-by': 'Helm' };
const MANAGED_BY = /^( {2}labels:\n(?: {4}\S.*\n)*) {4}app\.kubernetes\.io\/managed-by: "?\w+"?\n/m;
const MARKS = /app\.kubernetes\.io\/managed-by|meta\.helm\.sh\//;

function annotationsOf({ release, namespace }: OwnRelease): Record<string, string> {
  return { 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace };
}

function withLines(metadata: string | undefined, key: string, entries: Record<string, string>): string | undefined {
  const lines = Object.entries(entries).map(([name, value]) => `    ${name}: ${JSON.stringify(value)}\n`).join('');
  if (metadata === undefined || !new RegExp(`^ +"?${key}"?:`, 'm').test(metadata)) return metadata && `  ${key}:\n${lines}${metadata}`;
  const block = new RegExp(`^ {2}${key}:\n(?= {4}[^ #-])`, 'm').exec(metadata);
  return block ? `${metadata.slice(0, block.index)}${block[0]}${lines}${metadata.slice(block.index + block[0].length)}` : undefined;
}
