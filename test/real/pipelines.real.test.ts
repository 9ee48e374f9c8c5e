// The rendered workflows, judged by actionlint; and a mistake in one, so that its silence means something.
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTemplates } from '../../cli/render/templates.ts';
import { workflows } from '../../cli/render/workflows.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { getActionlint } from '../tools/actionlint/build.ts';
import { realPart } from './parts.ts';

const tool = await realPart('actionlint', getActionlint);

describe.skipIf(!tool)('actionlint', () => {
  const lint = async (change: (text: string) => string = (text) => text): Promise<{ status: number | null; stdout: string }> => {
    const folder = await temporaryFolder();
    const files = workflows([{ name: 'staging', protected: false }, { name: 'prod', protected: true }], 'todoctl.yaml', openTemplates());
    await mkdir(path.join(folder, '.github/workflows'), { recursive: true });
    for (const { path: file, text } of files) await writeFile(path.join(folder, file), change(text));
    const paths = files.map(({ path: file }) => path.join(folder, file));
    const { status, stdout } = spawnSync(tool?.actionlint ?? '', ['-no-color', ...paths], { encoding: 'utf8', timeout: 60_000 });
    return { status, stdout };
  };

  test('has nothing to say about the workflows', async () => {
    expect(await lint()).toEqual({ status: 0, stdout: '' });
  });

  test.each([
    ['a key that is not known', (text: string) => text.replace('timeout-minutes', 'timeout-minuts'), /unexpected key "timeout-minuts"/],
    ['a step’s output that is none', (text: string) => text.replace('steps.plan.outputs', 'steps.plam.outputs'), /property "plam" is not defined/],
    ['a runner that does not exist', (text: string) => text.replace('ubuntu-24.04', 'ubuntu-1.04'), /label "ubuntu-1.04" is unknown/],
  ])('finds %s', async (_what, change, words) => {
    const found = await lint(change);
    expect([found.status, found.stdout]).toEqual([1, expect.stringMatching(words)]);
  });
});
