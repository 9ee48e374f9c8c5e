import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { mergedKubeconfig, mergeKubeconfig } from '../../../cli/kubernetes/merge-kubeconfig.ts';
import { readKubeconfig } from '../../../cli/kubernetes/kubeconfig.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ACCESS = { context: 'do-nyc3-todo-prod', server: new URL('https://10.0.0.1'), ca: 'CA', insecure: false, user: { token: 'first' } };
const THEIRS = 'apiVersion: v1\nkind: Config\n# mine\ncurrent-context: work\ncontexts:\n  - name: work\n    context: { cluster: work, user: me }\nclusters:\n  - name: work\n    cluster: { server: https://work }\nusers:\n  - name: me\n    user: { token: secret }\n';

test('what is there stays, comments and the current context too; the same cluster is replaced, not added', async () => {
  const file = path.join(await temporaryFolder(), 'config');
  await writeFile(file, THEIRS, { mode: 0o640 });
  await mergeKubeconfig(file, ACCESS);
  await mergeKubeconfig(file, { ...ACCESS, user: { token: 'second' } });
  const text = await readFile(file, 'utf8');
  expect(text).toContain('# mine\ncurrent-context: work');
  expect(text.match(/name: do-nyc3-todo-prod/g)).toHaveLength(3);
  expect((await readKubeconfig([file])).user.token).toBe('secret');
  expect((await readKubeconfig([file], ACCESS.context)).user.token).toBe('second');
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  expect(await readdir(path.dirname(file))).toEqual(['config']);
});

test('of nothing a kubeconfig without a current context is made; what is none is left as it is', async () => {
  expect(mergedKubeconfig('', ACCESS)).not.toContain('current-context');
  expect(() => mergedKubeconfig('[', ACCESS)).toThrow('the kubeconfig is not a kubeconfig; it was left as it is');
  const file = path.join(await temporaryFolder(), 'config');
  await writeFile(`${file}.lock`, '');
  await expect(mergeKubeconfig(file, ACCESS)).rejects.toMatchObject({ code: 'TODOCTL_KUBECONFIG_BROKEN' });
});
