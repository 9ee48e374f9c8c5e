import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { imageArchive, type Image } from './image-archive.ts';

const inside = (archive: string, file: string): Buffer => execFileSync('tar', ['-xOf', archive, file], { maxBuffer: 2 ** 24 });

async function made(image: Image): Promise<string> {
  const archive = await imageArchive(image);
  onTestFinished(() => rmSync(archive, { force: true }));
  return archive;
}

test('an archive has the files where they were asked for, executable, and the layer that its configuration names', async () => {
  const folder = await temporaryFolder();
  const file = path.join(folder, 'program');
  writeFileSync(file, 'what it does', { mode: 0o600 });
  const archive = await made({ names: ['localhost/a:1', 'localhost/b:1'], files: { 'opt/program': file }, entrypoint: ['/opt/program'], env: ['A=1'], user: '1000' });

  expect(JSON.parse(inside(archive, 'manifest.json').toString())).toEqual([{ Config: 'config.json', RepoTags: ['localhost/a:1', 'localhost/b:1'], Layers: ['layer.tar'] }]);
  const layer = inside(archive, 'layer.tar');
  expect(JSON.parse(inside(archive, 'config.json').toString())).toMatchObject({
    os: 'linux', config: { Entrypoint: ['/opt/program'], Env: ['A=1'], User: '1000' }, rootfs: { diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
  });
  const listed = execFileSync('tar', ['-tvf', '-'], { input: layer, encoding: 'utf8' });
  expect(listed).toMatch(/^-rwxr-xr-x 0\/0 +12 .* \.\/opt\/program$/m);
  expect(listed).toMatch(/^drwxrwxrwt 0\/0 .* \.\/tmp\/$/m);
});

test('an archive is made once, and anew when a file of it changes', async () => {
  const file = path.join(await temporaryFolder(), 'program');
  const image = { names: [`localhost/${path.basename(path.dirname(file)).toLowerCase()}:1`], files: { program: file } };
  writeFileSync(file, 'one');
  const first = await made(image);
  const { mtimeMs } = statSync(first);
  expect(await made(image)).toBe(first);
  expect(statSync(first).mtimeMs).toBe(mtimeMs);
  writeFileSync(file, 'another');
  expect(await made(image)).not.toBe(first);
});
