import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { spoken } from '../../../cli/broker/dispatch.ts';
import { ApiKey } from '../../../cli/kafka/api-keys.ts';
import { SCHEMAS } from '../../contract/kafka/schema.ts';

const lower = (name: string): string => name.toLowerCase();

describe('what the broker speaks', () => {
  it('stands in docs/local.md, version by version', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/local.md'), 'utf8');
    const written = [...page.matchAll(/\| ([A-Z]\w+) \| (\d+)(?:–(\d+))? (?=\|)/g)].map(([, name = '', min, max]) => [lower(name), Number(min), Number(max ?? min)]);
    const names = new Map<number, string>(Object.entries(ApiKey).map(([name, key]) => [key, lower(name)]));
    expect(new Set(written.map((row) => row.join(' ')))).toEqual(new Set(spoken().map(({ key, min, max }) => [names.get(key), min, max].join(' '))));
  });

  it('is asked by the contract suite, version by version, but for the compact ones', () => {
    const compact = new Set<number>([ApiKey.describeCluster]);
    const asked = SCHEMAS.map(({ key, min, max }) => ({ key, min, max }));
    const all = spoken().filter(({ key }) => !compact.has(key)).map((api) => (api.key === ApiKey.apiVersions ? { ...api, max: 2 } : api));
    const byKey = (a: { key: number }, b: { key: number }): number => a.key - b.key;
    expect(asked.sort(byKey)).toEqual(all.sort(byKey));
  });
});
