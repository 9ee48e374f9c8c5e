import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../cli/sidecar/config.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('the config file', () => {
  it('gives each app its tokens from their files, its own before the common one', async () => {
    const folder = await temporaryFolder();
    const file = async (name: string, content: string): Promise<{ file: string }> => {
      await writeFile(path.join(folder, name), content);
      return { file: path.join(folder, name) };
    };
    const app = { podName: 'p', appPort: 1, httpPort: 2 };
    const config = {
      resourcesPath: 'dapr',
      daprApiToken: await file('common', 'common\n'),
      apps: [{ ...app, appId: 'a', daprApiToken: await file('own', ' own '), appApiToken: await file('app', 'app') }, { ...app, appId: 'b' }],
    };
    const read = await readConfig((await file('config.json', JSON.stringify(config))).file);
    expect(read.config.resourcesPath).toBe('dapr');
    expect(read.apps.map(({ appId, apiToken, appToken }) => ({ appId, apiToken, appToken }))).toEqual([
      { appId: 'a', apiToken: 'own', appToken: 'app' },
      { appId: 'b', apiToken: 'common', appToken: undefined },
    ]);
  });

  it('wants the files that it names', async () => {
    const file = path.join(await temporaryFolder(), 'config.json');
    await writeFile(file, JSON.stringify({ resourcesPath: 'dapr', daprApiToken: { file: '/nowhere/token' }, apps: [] }));
    await expect(readConfig(file)).rejects.toThrow('/nowhere/token');
  });
});
