import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inScope, readDocuments, readFolder } from '../../../../cli/sidecar/resources/document.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const COMPONENT = 'apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: NAME }\nspec: { type: state.postgresql }\n';

async function file(content: string, name = 'a.yaml'): Promise<string> {
  const target = path.join(await temporaryFolder(), name);
  await writeFile(target, content);
  return target;
}

describe('reading resource files', () => {
  it('reads every document of a file and passes over empty ones', async () => {
    const found = await readDocuments(await file(`---\n${COMPONENT.replace('NAME', 'one')}---\n# nothing here\n---\n${COMPONENT.replace('NAME', 'two')}scopes: [a, b]\n`));
    expect(found.map(({ kind, name, scopes }) => ({ kind, name, scopes }))).toEqual([
      { kind: 'Component', name: 'one', scopes: [] },
      { kind: 'Component', name: 'two', scopes: ['a', 'b'] },
    ]);
  });

  it('reads the YAML files of a folder in the order of their names, and nothing else', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'b.yml'), COMPONENT.replace('NAME', 'second'));
    await writeFile(path.join(folder, 'a.yaml'), COMPONENT.replace('NAME', 'first'));
    await writeFile(path.join(folder, 'secrets.json'), '{"kind": "Component"}');
    expect((await readFolder(folder)).map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it.each([
    ['key: [unclosed', /a\.yaml: .*\]/],
    ['just text', /a\.yaml: is not a Dapr resource/],
    ['kind: Component', /a\.yaml: has no kind or apiVersion/],
    ['kind: Component\napiVersion: dapr.io/v1alpha1\nmetadata: {}', /a\.yaml: Component has no metadata.name/],
  ])('names the file in what is wrong with %j', async (content, message) => {
    await expect(readDocuments(await file(content))).rejects.toThrow(message);
  });

  it('refuses a Resiliency behind another object, where daprd would not see it', async () => {
    const resiliency = 'apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: { name: todo }\nspec: {}\n';
    await expect(readDocuments(await file(`${COMPONENT}---\n${resiliency}`))).rejects.toThrow('Resiliency todo must stand in a file of its own');
    expect(await readDocuments(await file(`${resiliency}---\n${COMPONENT}`))).toHaveLength(2);
  });

  it('means everyone where there are no scopes', () => {
    expect(inScope({ scopes: [] }, 'task-api')).toBe(true);
    expect(inScope({ scopes: ['audit', 'task-api'] }, 'task-api')).toBe(true);
    expect(inScope({ scopes: ['audit'] }, 'task-api')).toBe(false);
  });
});
