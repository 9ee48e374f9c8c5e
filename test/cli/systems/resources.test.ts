import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { resourceOf } from '../../../cli/systems/resources.ts';

const folder = path.resolve(import.meta.dirname, '../../../../shared/specs/crds');
const there = existsSync(folder);
if (!there) process.stderr.write('skipped: ../shared/specs/crds is not there, so resources’ names are not held to their CRDs\n');

test.each([
  ['Pod', 'pods'],
  ['NetworkPolicy', 'networkpolicies'],
  ['Ingress', 'ingresses'],
  ['Gateway', 'gateways'],
  ['ResourceQuota', 'resourcequotas'],
  ['PodDisruptionBudget', 'poddisruptionbudgets'],
  ['GatewayClass', 'gatewayclasses'],
  ['Resiliency', 'resiliencies'],
])('%s is one of %s', (kind, resource) => {
  expect(resourceOf({ kind })).toBe(resource);
});

test.skipIf(!there)('as each CustomResourceDefinition at hand says of itself', () => {
  const names = readdirSync(folder)
    .flatMap((file) => parseAllDocuments(readFileSync(path.join(folder, file), 'utf8')))
    .flatMap((document) => {
      const crd = document.toJS() as { kind?: string; spec: { names: { kind: string; plural: string } } } | null;
      return crd?.kind === 'CustomResourceDefinition' ? [crd.spec.names] : [];
    });
  expect(names.length).toBeGreaterThan(20);
  for (const { kind, plural } of names) expect(resourceOf({ kind })).toBe(plural);
});
