// The stand-in for block storage, held to the real controllers that bind claims to volumes. Nothing of it needs a container.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKwokCluster } from '../support/node/kwok.ts';
import { startStorage } from '../support/node/storage.ts';
import { until } from '../support/until.ts';
import { realPart } from './parts.ts';

const cluster = await realPart('kwok', () => startKwokCluster([]));

afterAll(() => cluster?.[Symbol.asyncDispose]());

describe.skipIf(!cluster)('block storage of a test', () => {
  const { kubectl, apply, ground, kubeconfig } = cluster as NonNullable<typeof cluster>;
  let storage: ChildProcess;
  const volumes = path.join(ground.folder, 'volumes');

  const claim = (name: string, more: object = {}): object => ({
    apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more },
  });
  const bound = async (name: string): Promise<string> => {
    await kubectl(['wait', '--for=jsonpath={.status.phase}=Bound', `pvc/${name}`, '--timeout=30s']);
    return kubectl(['get', 'pvc', name, '-o', 'jsonpath={.spec.volumeName}']);
  };

  beforeAll(async () => {
    storage = await startStorage({ ground, kubeconfig, apply });
  });

  test('binds each claim to a folder of its own, in the default class when it names none', async () => {
    await apply(['a', 'b', 'c'].map((name) => claim(name)));
    const names = await Promise.all(['a', 'b', 'c'].map(bound));
    expect(new Set(names).size).toBe(3);
    expect(readdirSync(volumes).sort()).toEqual([...names].sort());
    // Whoever claims it runs as some number.
    expect((statSync(path.join(volumes, names[0] ?? '')).mode & 0o777).toString(8)).toBe('777');
    expect(await kubectl(['get', 'pv', '-o', 'jsonpath={.items[*].spec.storageClassName}'])).toBe('do-block-storage do-block-storage do-block-storage');
  });

  test('leaves claims of other classes alone', async () => {
    await apply([{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'elsewhere' }, provisioner: 'example.com/elsewhere' }, claim('other', { storageClassName: 'elsewhere' }), claim('none', { storageClassName: '' })]);
    await apply([claim('after')]);
    await bound('after');
    expect(await kubectl(['get', 'pvc', 'other', 'none', '-o', 'jsonpath={.items[*].status.phase}'])).toBe('Pending Pending');
  });

  test('keeps what the retaining class holds when its claim goes', async () => {
    await apply([claim('kept', { storageClassName: 'do-block-storage-retain' }), claim('gone')]);
    const [kept, gone] = await Promise.all([bound('kept'), bound('gone')]);
    writeFileSync(path.join(volumes, kept, 'said'), '');
    await kubectl(['delete', 'pvc', 'kept', 'gone']);
    await kubectl(['wait', '--for=delete', `pv/${gone}`, '--timeout=30s']);
    expect(existsSync(path.join(volumes, gone))).toBe(false);
    await kubectl(['wait', '--for=jsonpath={.status.phase}=Released', `pv/${kept}`, '--timeout=30s']);
    expect(existsSync(path.join(volumes, kept, 'said'))).toBe(true);
  });

  test('grows a claim, with the volume before it', async () => {
    await apply([claim('growing')]);
    const volume = await bound('growing');
    await apply([claim('growing', { resources: { requests: { storage: '3Gi' } } })]);
    await kubectl(['wait', '--for=jsonpath={.status.capacity.storage}=3Gi', 'pvc/growing', '--timeout=30s']);
    expect(await kubectl(['get', 'pv', volume, '-o', 'jsonpath={.spec.capacity.storage}'])).toBe('3Gi');
  });

  test('catches up with what was claimed and given back while it was away', async () => {
    storage.kill('SIGKILL');
    await once(storage, 'exit');
    const before = await bound('a');
    await kubectl(['delete', 'pvc', 'a']);
    await apply([claim('late')]);
    await startStorage({ ground, kubeconfig, apply });
    await bound('late');
    await until('the volume given back is gone', () => !existsSync(path.join(volumes, before)), 30_000);
  });
});
