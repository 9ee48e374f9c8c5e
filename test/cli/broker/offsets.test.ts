import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diskFiles, type Files } from '../../../cli/broker/log/files.ts';
import { Offsets } from '../../../cli/broker/offsets.ts';

let root: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'offsets-'));
  file = path.join(root, 'offsets.log');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (files: Files = diskFiles): Offsets => new Offsets(file, files, false);
const one = (offset: number, topic = 't', partition = 0): Parameters<Offsets['commit']>[1] => [{ topic, partition, committed: { offset, metadata: `at ${offset}` } }];

describe('committed offsets', () => {
  it('are the last ones, per group, topic and partition', () => {
    const offsets = open();
    offsets.commit('a', one(1));
    offsets.commit('a', [...one(2), ...one(9, 't', 1)]);
    offsets.commit('b', one(5));
    expect([offsets.get('a', 't', 0)?.offset, offsets.get('a', 't', 1)?.offset, offsets.get('b', 't', 0)?.offset, offsets.get('a', 'u', 0)]).toEqual([2, 9, 5, undefined]);
    expect(offsets.groups()).toEqual(['a', 'b']);
    offsets.close();
  });

  it('are there after a kill: nothing needs to be closed', () => {
    open().commit('group "ü\n😀', [{ topic: 't', partition: 3, committed: { offset: 7, metadata: null } }]);
    expect(open().get('group "ü\n😀', 't', 3)).toEqual({ offset: 7, metadata: null });
  });

  it('forget groups and topics, and remember that', () => {
    const offsets = open();
    offsets.commit('a', [...one(1, 't'), ...one(1, 'u')]);
    offsets.commit('b', one(1, 't'));
    offsets.forgetTopic('t');
    offsets.forgetGroup('nobody');
    expect(offsets.groups()).toEqual(['a']);
    expect([...open().of('a').keys()]).toEqual(['u']);
    offsets.forgetGroup('a');
    expect(open().groups()).toEqual([]);
  });

  it('survive a line that was cut anywhere: every whole line before it counts', () => {
    const written = open();
    for (let offset = 1; offset <= 5; offset++) written.commit('g', one(offset));
    const whole = readFileSync(file);
    fc.assert(
      fc.property(fc.nat({ max: whole.length }), (length) => {
        writeFileSync(file, whole);
        truncateSync(file, length);
        const lines = whole.subarray(0, length).toString().split('\n').length - 1;
        const again = open();
        expect(again.get('g', 't', 0)?.offset).toBe(lines === 0 ? undefined : lines);
        again.commit('g', one(100));
        expect(open().get('g', 't', 0)?.offset).toBe(100);
      }),
      { numRuns: 50 },
    );
  });

  it('are written anew when the file has grown long, without losing any', () => {
    const offsets = open();
    const metadata = 'x'.repeat(4000);
    for (let offset = 0; offset < 1200; offset++) offsets.commit('g', [{ topic: 't', partition: offset % 3, committed: { offset, metadata } }]);
    offsets.commit('h', one(42));
    expect(statSync(file).size).toBeLessThan(2_000_000);
    const again = open();
    expect([0, 1, 2].map((partition) => again.get('g', 't', partition)?.offset)).toEqual([1197, 1198, 1199]);
    expect(again.get('h', 't', 0)?.offset).toBe(42);
  });

  it('stay as they were when the disk refuses', () => {
    let full = false;
    const files: Files = {
      ...diskFiles,
      open: (name) => {
        const real = diskFiles.open(name);
        return {
          ...real,
          write: (bytes, position) => {
            if (full) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
            real.write(bytes, position);
          },
        };
      },
    };
    const offsets = open(files);
    offsets.commit('g', one(1));
    full = true;
    expect(() => offsets.commit('g', one(2))).toThrow('ENOSPC');
    expect(offsets.get('g', 't', 0)?.offset).toBe(1);
    full = false;
    offsets.commit('g', one(3));
    expect(open().get('g', 't', 0)?.offset).toBe(3);
  });
});
