// Everything that is rendered, tried on a real API server: defaults, validation, CEL rules, Pod Security. kubectl is the client, not ours.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { desiredIn } from '../support/applied.ts';
import { applyCrds, crdFiles } from '../support/crds.ts';
import { platformIn } from '../support/rendered.ts';
import { realPart } from './parts.ts';

const api = await realPart('kubernetes', startApiServer);
const crds = crdFiles();
if (!crds) console.warn('skipped: the CRDs of other systems are not on this machine (../shared/specs/crds)');

beforeAll(() => {
  if (api && crds) applyCrds(api);
});
afterAll(() => api?.stop());

/** A dry run of all objects at once; `said` holds refusals and warnings, one a line. */
function dryRun({ program, kubeconfig }: ApiServer, objects: readonly object[]): { status: number | null; said: string[]; accepted: number } {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const ran = spawnSync(program, ['--kubeconfig', kubeconfig, 'apply', '--server-side', '--dry-run=server', '--force-conflicts', '-f', '-'], { input, encoding: 'utf8' });
  return { status: ran.status, said: ran.stderr.split('\n').filter(Boolean), accepted: ran.stdout.split('\n').filter((line) => line.endsWith('serverside-applied (server dry run)')).length };
}

const EVERYTHING = readFileSync(path.resolve(import.meta.dirname, '../../docs/everything.todoctl.yaml'), 'utf8');
/** The project's own environments, and those of the page that has every block in use. */
const ENVIRONMENTS: [environment: string, definition?: string][] = [['staging'], ['prod'], ['full', EVERYTHING], ['managed', EVERYTHING], ['existing', EVERYTHING]];

describe.skipIf(!api || !crds).each(ENVIRONMENTS)('every object of %s', (environment, definition) => {
  test('is accepted, without a warning', async () => {
    const objects = (await desiredIn(await platformIn(environment, definition))).objects.map(({ object }) => object);
    // Pod Security is that of a namespace's labels, so the namespaces are really there.
    const namespaces = objects.filter(({ kind }) => kind === 'Namespace');
    api?.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: namespaces }));
    expect(dryRun(api as ApiServer, objects)).toEqual({ status: 0, said: [], accepted: objects.length });
  });
});

describe.skipIf(!api)('the check itself', () => {
  const pod = (securityContext: object): object => ({
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'probe', namespace: 'strict' },
    spec: { selector: { matchLabels: { app: 'probe' } }, template: { metadata: { labels: { app: 'probe' } }, spec: { containers: [{ name: 'app', image: 'app', securityContext }] } } },
  });

  beforeAll(() => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/warn': 'restricted' };
    api?.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'strict', labels } }));
  });

  test('a Deployment whose pods Pod Security would refuse is a warning', () => {
    expect(dryRun(api as ApiServer, [pod({})]).said.join('\n')).toContain('would violate PodSecurity "restricted:latest"');
  });

  test('a field that does not exist is a refusal', () => {
    const { status, said } = dryRun(api as ApiServer, [pod({ runAsNobody: true })]);
    expect([status, said.join('\n')]).toEqual([1, expect.stringContaining('runAsNobody')]);
  });
});
