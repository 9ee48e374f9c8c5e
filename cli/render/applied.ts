import type { Applied } from '../systems/resources.ts';

/** What a rendered object is, read from its text: parsing all of them as YAML would take longer than rendering them. One object per text. */
export function appliedIn(text: string): Applied {
  const [, metadata = ''] = /^metadata:\n((?: .*\n)+)/m.exec(text) ?? [];
  const apiVersion = scalar(/^apiVersion: (.+)$/m.exec(text)?.[1]);
  const slash = apiVersion.indexOf('/');
  const namespace = /^ {2}namespace: (.+)$/m.exec(metadata)?.[1];
  return {
    group: slash === -1 ? '' : apiVersion.slice(0, slash),
    kind: scalar(/^kind: (.+)$/m.exec(text)?.[1]),
    name: scalar(/^ {2}name: (.+)$/m.exec(metadata)?.[1]),
    ...(namespace === undefined ? {} : { namespace: scalar(namespace) }),
  };
}

function scalar(text = ''): string {
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}
