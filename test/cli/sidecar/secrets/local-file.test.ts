import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Metadata } from '../../../../cli/sidecar/resources/component.ts';
import { openLocalFile, secretsOf } from '../../../../cli/sidecar/secrets/local-file.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const CONTENT = { word: 'plain', kafka: { brokers: '127.0.0.1:9092', tls: { on: true, ports: [1, 2] } } };

describe('a secrets file', () => {
  it('with many values per secret has one map for each', () => {
    const store = secretsOf(CONTENT, { multiValued: true, separator: ':' });
    expect(store.all()).toEqual({
      word: { word: 'plain' },
      kafka: { brokers: '127.0.0.1:9092', 'tls:on': 'true', 'tls:ports:0': '1', 'tls:ports:1': '2' },
    });
    expect(store.get('absent')).toBeUndefined();
  });

  it('with one value per secret is one flat list of paths', () => {
    const store = secretsOf(CONTENT, { multiValued: false, separator: '.' });
    expect(store.get('kafka.brokers')).toEqual({ 'kafka.brokers': '127.0.0.1:9092' });
    expect(store.get('kafka.tls.ports.1')).toEqual({ 'kafka.tls.ports.1': '2' });
    expect(store.get('kafka')).toBeUndefined();
  });

  const open = async (content: string | undefined, properties: Record<string, string> = {}): Promise<unknown> => {
    const secretsFile = path.join(await temporaryFolder(), 'secrets.json');
    if (content !== undefined) await writeFile(secretsFile, content);
    const metadata = new Metadata(new Map(Object.entries({ secretsFile, multiValued: 'true', ...properties })));
    return await openLocalFile({ file: 'secrets.yaml', name: 'secrets', type: 'secretstores.local.file', version: 'v1', metadata });
  };

  it('is read from where the component says', async () => {
    expect(((await open(JSON.stringify(CONTENT))) as { get(name: string): unknown }).get('word')).toEqual({ word: 'plain' });
  });

  it.each([
    [undefined, {}, /secrets\.json: ENOENT$/],
    ['[]', {}, /secrets\.json is not a JSON object$/],
    ['{}', { secretsFile: '' }, /missing local secrets file in metadata$/],
  ])('is refused when it is %j', async (content, properties, message) => {
    await expect(open(content, properties)).rejects.toThrow(message);
  });

  it('never has its content in an error', async () => {
    await expect(open('{"password": "very-secret" broken')).rejects.toThrow(/secrets\.json: is not JSON$/);
    await expect(open('{"password": "very-secret" broken')).rejects.not.toThrow('very-secret');
  });
});
