import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot, processScripts } from '../../../../cli/targets/local/package-root.ts';
import { bundleCode, type CodeGiven, knownCode } from '../../../../cli/targets/local/service-code.ts';
import { PACKAGE } from '../../../support/platform.ts';
import { temporaryFolder } from './platforms.ts';

const write = (folder: string, file: string, text = ''): void => {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
};
const given = (): CodeGiven => ({ root: temporaryFolder(), packageRoot: temporaryFolder(), build: path.join(temporaryFolder(), 'build') });
const readyMade = ({ packageRoot: folder }: CodeGiven, name: string, record = '{"recipe":0,"inputs":{"gone.ts":"1:1"},"hash":"built"}'): void => {
  write(folder, `dist/services/${name}/main.js`);
  write(folder, `dist/services/${name}/inputs.json`, record);
};

describe('the code of a service', () => {
  test('that todoctl brings is taken as it is, though its sources are not here', async () => {
    const code = given();
    readyMade(code, 'audit');
    expect(await knownCode(code, 'audit')).toEqual({ entry: path.join(code.packageRoot, 'dist/services/audit/main.js'), hash: 'built', fresh: true });
    await bundleCode(code, 'audit');
  });

  test('of the project comes first, is unknown until it is bundled, and known after that', async () => {
    const code = given();
    readyMade(code, 'audit');
    write(code.root, 'services/audit/main.ts', 'console.log("mine");');
    expect(await knownCode(code, 'audit')).toBeUndefined();
    await bundleCode(code, 'audit');
    const bundle = await knownCode(code, 'audit');
    expect(bundle).toMatchObject({ entry: path.join(code.build, 'audit/main.js'), fresh: true });
    expect(bundle?.hash).not.toBe('built');
    write(code.root, 'services/audit/main.ts', 'console.log("mine, changed");');
    expect(await knownCode(code, 'audit')).toBeUndefined();
  });

  test("of todoctl's own checkout lies where the build put it, and is bundled again when it was edited", async () => {
    const code = given();
    const own = { ...code, packageRoot: code.root };
    write(code.root, 'services/audit/main.ts', 'console.log("one");');
    await bundleCode(own, 'audit');
    const built = await knownCode(own, 'audit');
    expect(built).toMatchObject({ entry: path.join(code.root, 'dist/services/audit/main.js'), fresh: true });
    write(code.root, 'services/audit/main.ts', 'console.log("two, longer");');
    expect(await knownCode(own, 'audit')).toBeUndefined();
    await bundleCode(own, 'audit');
    expect((await knownCode(own, 'audit'))?.hash).not.toBe(built?.hash);
  });

  test('is nowhere: refused', async () => {
    await expect(knownCode(given(), 'ghost')).rejects.toMatchObject({ code: 'TODOCTL_SERVICE_MISSING' });
  });

  test('that todoctl brings but was not built whole: refused', async () => {
    const code = given();
    readyMade(code, 'audit', '{"rec');
    await expect(knownCode(code, 'audit')).rejects.toMatchObject({ code: 'TODOCTL_NOT_BUILT' });
  });
});

describe('the installed todoctl', () => {
  test('is found from wherever its code runs', () => {
    expect(packageRoot()).toBe(PACKAGE);
  });

  test('that is not built is refused, naming what is missing', () => {
    const folder = temporaryFolder();
    for (const name of ['supervisor', 'broker', 'gateway']) write(folder, `dist/processes/${name}.js`);
    expect(() => processScripts(folder)).toThrow('dist/processes/sidecar.js is missing');
    write(folder, 'dist/processes/sidecar.js');
    expect(processScripts(folder).broker).toBe(path.join(folder, 'dist/processes/broker.js'));
  });
});
