// What Kustomize makes of an overlay is what render gives, object by object; kubectl is the judge.
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kustomize } from '../../cli/render/kustomize.ts';
import { type KubernetesObject, objectsIn, platformIn, renderedOf } from '../support/rendered.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { getKubernetes } from '../tools/kubernetes/build.ts';
import { realPart } from './parts.ts';

const tools = await realPart('kubernetes', getKubernetes);

/** By kind and name: Kustomize has an order of its own. */
function byName(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const key = ({ apiVersion, kind, metadata: { name, namespace = '' } }: KubernetesObject): string => [apiVersion, kind, namespace, name].join(' ');
  return [...objects].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function build(folder: string): KubernetesObject[] {
  const { status, stdout, stderr } = spawnSync(tools?.kubectl ?? '', ['kustomize', folder], { encoding: 'utf8', timeout: 60_000, maxBuffer: 64 * 2 ** 20 });
  expect([status, stderr]).toEqual([0, '']);
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
}

async function write(files: readonly { path: string; text: string }[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const { path: file, text } of files) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
  return folder;
}

describe.skipIf(!tools)('kubectl kustomize', () => {
  const environments = ['staging', 'prod'] as const;

  test('of an overlay gives exactly the objects of its environment', async () => {
    const all = await Promise.all(environments.map(async (name) => ({ name, objects: objectsIn(renderedOf(await platformIn(name))) })));
    const folder = await write(kustomize(all));
    for (const { name, objects } of all) expect(byName(build(path.join(folder, 'overlays', name))), name).toEqual(byName(objects));
  });

  test.each(environments)('of a rendered folder of %s gives its objects', async (name) => {
    const files = renderedOf(await platformIn(name));
    expect(byName(build(await write(files)))).toEqual(byName(objectsIn(files)));
  });
});
