import type { Applied } from '../systems/resources.ts';

/** What names an object, where its API keeps it. */
export interface Head {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

/** What a rendered object is, read from its text: parsing all of them as YAML would take longer than rendering them. One object per text. */
export function headIn(text: string): Head {
  const [, metadata = ''] = /^metadata:\n((?: .*\n)+)/m.exec(text) ?? [];
  const namespace = /^ {2}namespace: (.+)$/m.exec(metadata)?.[1];
  return {
    apiVersion: scalar(/^apiVersion: (.+)$/m.exec(text)?.[1]),
    kind: scalar(/^kind: (.+)$/m.exec(text)?.[1]),
    metadata: { name: scalar(/^ {2}name: (.+)$/m.exec(metadata)?.[1]), ...(namespace === undefined ? {} : { namespace: scalar(namespace) }) },
  };
}

/** The same, as far as rights ask about it. */
export function appliedIn(text: string): Applied {
  const { apiVersion, kind, metadata } = headIn(text);
  const slash = apiVersion.indexOf('/');
  return { group: slash === -1 ? '' : apiVersion.slice(0, slash), kind, ...metadata };
}

function scalar(text = ''): string {
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}
