// bin/run.js as a process: from a package of its own, so that nothing depends on what lies in dist/.
import { type ChildProcess, spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { catalogue } from '../../cli/errors/catalogue.ts';
import { olderNode } from '../support/older-node.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = path.resolve(import.meta.dirname, '../..');
const old = olderNode();
let folder: string;

/** A package with bin/, the manifest and a fast path, as npm would install it. */
async function installed(at = folder): Promise<string> {
  await mkdir(at, { recursive: true });
  await cp(path.join(root, 'bin'), path.join(at, 'bin'), { recursive: true });
  for (const file of ['package.json', 'oclif.manifest.json']) await cp(path.join(root, file), path.join(at, file));
  await build({ absWorkingDir: root, entryPoints: ['cli/fast-path.ts'], outdir: path.join(at, 'dist'), bundle: true, platform: 'node', format: 'esm', target: 'node26' });
  return path.join(at, 'bin/run.js');
}

/** Puts a Node where the npm package `node` has it. */
async function giveNode(at: string, binary: string): Promise<void> {
  await mkdir(path.join(at, 'node_modules/node/bin'), { recursive: true });
  await symlink(binary, path.join(at, 'node_modules/node/bin/node'));
}

/** A fast path that is a program of its own. */
async function fastPathIs(body: string): Promise<void> {
  await writeFile(path.join(folder, 'dist/fast-path.js'), `export function fastPath(argv) { ${body} return true; }\n`);
}

function run(node: string, script: string, ...argv: string[]): SpawnSyncReturns<string> {
  return spawnSync(node, [script, ...argv], { encoding: 'utf8', env: { PATH: process.env['PATH'] }, timeout: 30_000 });
}

beforeEach(async () => {
  folder = await temporaryFolder();
});

describe('on a Node that is new enough', () => {
  test('the fast path answers', async () => {
    const { status, stdout, stderr } = run(process.execPath, await installed(), '--version');
    expect([status, stdout, stderr]).toEqual([0, `todoctl/0.1.0 ${process.platform}-${process.arch} node-${process.version}\n`, '']);
  });

  test('an error goes to stderr and the exit code says which kind it is', async () => {
    const { status, stdout, stderr } = run(process.execPath, await installed(), 'explian');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Did you mean todoctl explain?');
  });

  test('it is said when todoctl is not built', async () => {
    const script = await installed();
    await writeFile(path.join(folder, 'dist/x'), '');
    spawnSync('rm', [path.join(folder, 'dist/fast-path.js')]);
    const { status, stderr } = run(process.execPath, script, '--version');
    expect(status).toBe(3);
    expect(stderr).toContain('TODOCTL_NOT_BUILT');
    expect(stderr).not.toContain(' at ');
  });

  test('the version that is asked for is that of package.json’s engines', async () => {
    const { default: pjson } = (await import('../../package.json', { with: { type: 'json' } })) as { default: { engines: { node: string } } };
    expect(pjson.engines.node).toBe('>=26');
  });
});

describe.skipIf(!old)('on an older Node', () => {
  const { file: node, version } = old ?? { file: '', version: '' };

  test('the Node beside the package runs the same command line', async () => {
    const script = await installed();
    await giveNode(folder, process.execPath);
    const { status, stdout, stderr } = run(node, script, '--version');
    expect([status, stdout, stderr]).toEqual([0, `todoctl/0.1.0 ${process.platform}-${process.arch} node-${process.version}\n`, '']);
    expect(run(node, script, 'explain', 'NOTHING_LIKE_IT').status).toBe(2);
  });

  test('so does the Node beside a package that was installed as a dependency', async () => {
    const script = await installed(path.join(folder, 'node_modules/todoctl'));
    await giveNode(folder, process.execPath);
    expect(run(node, script, '--version').stdout).toContain(process.version);
  });

  test('without one, the versions are named and nothing is run', async () => {
    const { status, stdout, stderr } = run(node, await installed(), 'deploy');
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr.replace(version, '20.0.0')).toMatchInlineSnapshot(`
      "Error This is Node 20.0.0; todoctl needs Node 26 or newer
      Why   todoctl needs Node 26 or newer, and no such Node lies in a node_modules beside it.
      Next  Install Node 26 or newer from https://nodejs.org.
            In a project: npm install --save-dev node@26; todoctl then finds it by itself.
      Code  TODOCTL_NODE_TOO_OLD
      "
    `);
  });

  test('the words are the catalogue’s', async () => {
    const { status, stdout } = run(node, await installed(), 'deploy', '--json');
    const { why, next, exit } = catalogue.TODOCTL_NODE_TOO_OLD;
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'TODOCTL_NODE_TOO_OLD', message: `This is Node ${version}; todoctl needs Node 26 or newer`, why, next, details: [] },
    });
    expect(status).toBe(exit);
  });

  test('when that Node is too old as well, there is no third run', async () => {
    const script = await installed();
    await giveNode(folder, node);
    expect(run(node, script, '--version')).toMatchObject({ status: 3, stdout: '' });
  });

  test('when that Node cannot be run, it is as if there were none', async () => {
    const script = await installed();
    await mkdir(path.join(folder, 'node_modules/node/bin'), { recursive: true });
    await writeFile(path.join(folder, 'node_modules/node/bin/node'), 'not a program', { mode: 0o644 });
    expect(run(node, script, '--version')).toMatchObject({ status: 3, stdout: '' });
  });

  test.each([0, 1, 7, 130])('exit code %i is passed through', async (code) => {
    const script = await installed();
    await giveNode(folder, process.execPath);
    await fastPathIs(`process.exitCode = ${code};`);
    expect(run(node, script).status).toBe(code);
  });

  /** A run that answers every signal with its name, and ends at the second. */
  async function listening(): Promise<{ child: ChildProcess; heard: () => string }> {
    const script = await installed();
    await giveNode(folder, process.execPath);
    await fastPathIs(`
      const beat = setInterval(() => {}, 1000);
      for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => process.stdout.write(signal + '\\n'));
      process.on('SIGTERM', () => { clearInterval(beat); process.exitCode = 9; });
      process.stdout.write('ready\\n');`);
    const child = spawn(node, [script], { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'] } });
    onTestFinished(() => void child.kill('SIGKILL'));
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    while (!text.includes('ready')) await once(child.stdout, 'data');
    return { child, heard: () => text };
  }

  test('signals are passed through, once each, and the end is waited for', async () => {
    const { child, heard } = await listening();
    child.kill('SIGINT');
    while (!heard().includes('SIGINT')) await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGHUP');
    while (!heard().includes('SIGHUP')) await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGTERM');
    const [code] = (await once(child, 'close')) as [number];
    expect([code, heard()]).toEqual([9, 'ready\nSIGINT\nSIGHUP\n']);
  });

  test('a run that a signal ended ends the same way', async () => {
    const script = await installed();
    await giveNode(folder, process.execPath);
    await fastPathIs(`process.kill(process.pid, 'SIGTERM');`);
    expect(run(node, script)).toMatchObject({ status: null, signal: 'SIGTERM' });
  });
});
