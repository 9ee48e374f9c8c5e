import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface Image {
  /** `localhost/pause:1`; one image may have many. */
  names: readonly string[];
  /** Path in the image → file of this machine that is copied there, executable for everybody. */
  files: Readonly<Record<string, string>>;
  entrypoint?: readonly string[];
  env?: readonly string[];
  /** By number; root when left out. A pod that says it is not root needs one. */
  user?: string;
  /** What ends it; SIGTERM when left out. */
  stopSignal?: string;
}

const FOLDER = path.resolve(import.meta.dirname, '../../../.cache/images');

/** An image of files of this machine, without Docker: the archive that `docker load` and `ctr images import` read. Made once, until a file changes. */
export async function imageArchive({ names, files, entrypoint, env = [], user = '', stopSignal }: Image): Promise<string> {
  const seen = Object.entries(files).map(([at, file]) => [at, statSync(file).size, statSync(file).mtimeMs]);
  const archive = path.join(FOLDER, `${createHash('sha256').update(JSON.stringify([names, seen, entrypoint, env, user, stopSignal])).digest('hex').slice(0, 16)}.tar`);
  if (existsSync(archive)) return archive;
  mkdirSync(FOLDER, { recursive: true });
  const work = mkdtempSync(path.join(FOLDER, 'new-'));
  try {
    const root = path.join(work, 'root');
    for (const [at, file] of Object.entries(files)) {
      const copy = path.join(root, at);
      mkdirSync(path.dirname(copy), { recursive: true });
      copyFileSync(file, copy);
      chmodSync(copy, 0o755);
    }
    // Whoever runs as nobody needs a place for temporary files.
    mkdirSync(path.join(root, 'tmp'), { recursive: true });
    chmodSync(path.join(root, 'tmp'), 0o1777);
    const tar = (...args: string[]): void => void execFileSync('tar', ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', ...args], { cwd: work });
    tar('-cf', 'layer.tar', '-C', 'root', '.');
    const hash = createHash('sha256');
    await pipeline(createReadStream(path.join(work, 'layer.tar')), hash);
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const config = { architecture, os: 'linux', config: { Entrypoint: entrypoint, Env: env, User: user, StopSignal: stopSignal }, rootfs: { type: 'layers', diff_ids: [`sha256:${hash.digest('hex')}`] }, history: [] };
    writeFileSync(path.join(work, 'config.json'), JSON.stringify(config));
    writeFileSync(path.join(work, 'manifest.json'), JSON.stringify([{ Config: 'config.json', RepoTags: names, Layers: ['layer.tar'] }]));
    tar('-cf', 'image.tar', 'manifest.json', 'config.json', 'layer.tar');
    renameSync(path.join(work, 'image.tar'), archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return archive;
}
