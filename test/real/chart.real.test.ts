// What charts/todo is to somebody who uses it with Helm alone: wrong values are refused, the example works, `helm test` may run.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { startApiServer } from '../support/api-server.ts';
import type { KubernetesObject } from '../support/rendered.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { getHelm } from '../tools/helm/build.ts';
import { realPart } from './parts.ts';

const CHART = path.resolve(import.meta.dirname, '../../charts/todo');
const EXAMPLE = path.join(CHART, 'ci/todo-values.yaml');
const helm = await realPart('helm', getHelm);
const api = await realPart('kubernetes', startApiServer);

afterAll(() => api?.stop());

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(helm?.binary ?? '', args, { encoding: 'utf8', env: helm?.env });
}
const template = (...more: string[]): ReturnType<typeof run> => run('template', 'todo', CHART, '--namespace', 'todo', '--values', EXAMPLE, ...more);
const objectsOf = (text: string): KubernetesObject[] => parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject).filter(Boolean);

describe.skipIf(!helm)('Helm', () => {
  test('installs the example, whose services are those of todoctl.yaml', () => {
    const { status, stdout, stderr } = template();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(objectsOf(stdout).filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name)).toEqual(['audit', 'realtime', 'recurrence', 'task-api', 'web']);
  });

  test.each([
    ['servics.web.tag=x', "additional properties 'servics' not allowed"],
    ['services.web.tagg=x', "additional properties 'tagg' not allowed"],
    ['services.web.scale.min=0', 'minimum: got 0, want 1'],
    ['services.Web.tag=x', 'does not match pattern'],
    ['gateway.kind=nginx', "value must be one of 'gateway', 'ingress'"],
    ['image=null', "missing property 'image'"],
    ['secrets.daprApiToken.key=other', "value must be 'token'"],
  ])('refuses %s by its schema', (value, why) => {
    const { status, stderr } = template('--set', value);
    expect(stderr).toContain(why);
    expect(status).toBe(1);
  });

  test('takes what one sets by hand', () => {
    const { stdout, status } = template('--set', 'services.web.tag=v2,services.web.replicas=7', '--set-string', 'settings.LOG_LEVEL=debug');
    expect(status).toBe(0);
    const web = objectsOf(stdout).find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'web');
    expect(web?.['spec']).toMatchObject({ replicas: 7, template: { spec: { containers: [{ image: 'registry.digitalocean.com/todo/todo:v2' }] } } });
  });

  test('packs the chart without its example', async () => {
    const folder = await temporaryFolder();
    expect(run('package', CHART, '--destination', folder)).toMatchObject({ status: 0 });
    const { stdout } = spawnSync('tar', ['tf', path.join(folder, readdirSync(folder)[0] ?? '')], { encoding: 'utf8' });
    expect(stdout).toContain('todo/values.schema.json');
    expect(stdout).not.toContain('todo/ci/');
  });
});

describe.skipIf(!helm || !api)('Pod Security `restricted`', () => {
  test('lets in the pod of helm test and those of all services', () => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const pods = objectsOf(template().stdout).flatMap((object): object[] => {
      if (object.kind === 'Pod') return [object];
      if (object.kind !== 'Deployment') return [];
      const { template: pod } = object['spec'] as { template: { metadata: object; spec: object } };
      return [{ apiVersion: 'v1', kind: 'Pod', metadata: { ...pod.metadata, name: object.metadata.name, namespace: 'todo' }, spec: pod.spec }];
    });
    api?.kubectl(['apply', '--server-side', '-f', '-'], list([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'todo', labels } }]));
    const said = api?.kubectl(['apply', '--server-side', '--dry-run=server', '-o', 'name', '-f', '-'], list(pods));
    expect(String(said).trim().split('\n').sort()).toEqual(['pod/audit', 'pod/realtime', 'pod/recurrence', 'pod/task-api', 'pod/todo-smoke', 'pod/web']);
  });
});

function list(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
