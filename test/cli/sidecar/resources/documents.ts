import { parse } from 'yaml';
import type { ResourceDocument } from '../../../../cli/sidecar/resources/document.ts';

/** A document as `readDocuments` gives it, from YAML in the test. */
export function documentOf(yaml: string, file = 'test.yaml'): ResourceDocument {
  const body = parse(yaml) as Record<string, unknown>;
  const { kind, apiVersion, metadata, scopes } = body as { kind: string; apiVersion: string; metadata: { name: string }; scopes?: string[] };
  return { file, kind, apiVersion, name: metadata.name, scopes: scopes ?? [], body };
}
