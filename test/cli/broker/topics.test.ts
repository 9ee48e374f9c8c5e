import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBatch } from '../../../cli/broker/log/batch.ts';
import { diskFiles } from '../../../cli/broker/log/files.ts';
import { jsonLog } from '../../../cli/io/json-log.ts';
import { isTopicName, rolling, Topics } from '../../../cli/broker/topics.ts';
import { encodeBatch } from '../../../cli/kafka/record-batch.ts';

let root: string;
let now: number;
let logged: string[];
let later: Promise<void>[];
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'topics-'));
  now = 1_700_000_000_000;
  logged = [];
  later = [];
});
afterEach(async () => {
  await Promise.all(later);
  rmSync(root, { recursive: true, force: true });
});

const open = (): Topics =>
  new Topics(root, {
    files: diskFiles,
    now: () => now,
    log: jsonLog({ name: 'broker', level: 'debug', write: (line) => logged.push(line), now: () => now }),
    dirty: () => undefined,
    later: (work) => later.push(work()),
  });

function write(topics: Topics, name: string, size = 10): void {
  const batch = encodeBatch([{ key: null, value: Buffer.alloc(size), timestamp: now }]);
  const header = checkBatch(batch, 1 << 20);
  const topic = topics.get(name);
  if (typeof header === 'string' || !topic) throw new Error('cannot write');
  topic.partitions[0]?.append(batch, header, rolling(topic.config));
}

describe('names of topics', () => {
  it.each(['t', 'task-events', 'a.b_c-D9', 'x'.repeat(249), '...'])('%s is one', (name) => expect(isTopicName(name)).toBe(true));
  it.each(['', '.', '..', 'a/b', '../up', 'a b', 'ü', 'x'.repeat(250), 'a\0'])('%j is none', (name) => expect(isTopicName(name)).toBe(false));
});

describe('topics', () => {
  it('are there again after a restart, with their settings', () => {
    const first = open();
    first.create('orders', 3, { 'retention.ms': 5 });
    first.grow('orders', 4);
    first.configure('orders', [['retention.bytes', '77'], ['retention.ms', null]]);
    write(first, 'orders');
    first.close();
    const again = open();
    expect(again.all().map(({ name, partitions, set }) => ({ name, partitions: partitions.length, set }))).toEqual([{ name: 'orders', partitions: 4, set: { 'retention.bytes': 77 } }]);
    expect(again.get('orders')?.config).toMatchObject({ 'retention.bytes': 77, 'retention.ms': 7 * 24 * 3600 * 1000 });
    expect(again.partition('orders', 0)?.endOffset).toBe(1);
    again.close();
  });

  it('leave nothing when they are removed, and one made again begins at 0', () => {
    const topics = open();
    topics.create('t', 1, {});
    write(topics, 't');
    topics.remove('t');
    expect([topics.get('t'), readdirSync(root)]).toEqual([undefined, []]);
    expect(topics.create('t', 1, {}).partitions[0]?.endOffset).toBe(0);
    topics.close();
  });

  it('that were half made or half removed are gone after a restart', () => {
    const topics = open();
    topics.create('whole', 1, {});
    topics.close();
    mkdirSync(path.join(root, 'half-made', '0'), { recursive: true });
    mkdirSync(path.join(root, '.going-abc', '0'), { recursive: true });
    const again = open();
    expect([again.all().map(({ name }) => name), readdirSync(root)]).toEqual([['whole'], ['whole']]);
    again.close();
  });

  it('wake who waits for a topic that goes away', () => {
    const topics = open();
    topics.create('t', 1, {});
    let woken = false;
    topics.partition('t', 0)?.waitForMore(() => (woken = true));
    topics.remove('t');
    expect(woken).toBe(true);
    topics.close();
  });

  it('lose what their retention says, each by its own', () => {
    const topics = open();
    topics.create('short', 1, { 'retention.ms': 1000, 'segment.bytes': 1024 });
    topics.create('long', 1, { 'segment.bytes': 1024 });
    for (const name of ['short', 'long']) for (let n = 0; n < 4; n++) write(topics, name, 600);
    now += 2000;
    topics.enforceRetention();
    expect(['short', 'long'].map((name) => topics.partition(name, 0)?.startOffset)).toEqual([4, 0]);
    expect(logged.join('')).toContain('"topic":"short"');
    topics.close();
  });

  it('say when a torn tail was cut', () => {
    const topics = open();
    topics.create('t', 1, {});
    write(topics, 't');
    const folder = path.join(root, 't', '0');
    const file = path.join(folder, readdirSync(folder).find((name) => name.endsWith('.log')) as string);
    const log = diskFiles.open(file);
    log.write(Buffer.from('half a batch'), log.size());
    log.close();
    const again = open();
    expect(logged.map((line) => JSON.parse(line) as unknown)).toEqual([expect.objectContaining({ level: 40, topic: 't', partition: 0, bytes: 12 })]);
    expect(again.partition('t', 0)?.endOffset).toBe(1);
    expect(existsSync(file)).toBe(true);
    again.close();
  });
});
