import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { lineTime } from '../../../../cli/targets/local/log-time.ts';
import { readLogs } from '../../../../cli/targets/local/logs.ts';
import type { LogLine } from '../../../../cli/targets/target.ts';
import { temporaryFolder } from './platforms.ts';

const json = (time: number, msg: string): string => `${JSON.stringify({ level: 30, time: 1_700_000_000_000 + time, msg })}\n`;
const write = (folder: string, logs: Record<string, string>): string => {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(logs)) writeFileSync(path.join(folder, `${name}.log`), text);
  return folder;
};
const never = new AbortController().signal;
const read = async (folder: string, names: string[] = [], tail = 100): Promise<string[]> => {
  const lines: string[] = [];
  for await (const { process, text } of readLogs(folder, { names, follow: false, tail }, never)) lines.push(`${process}: ${(text.startsWith('{') ? (JSON.parse(text) as { msg: string }).msg : text)}`);
  return lines;
};

describe('what was logged', () => {
  test('is merged by time; a line without a time stays behind the one before it', async () => {
    const folder = write(temporaryFolder(), {
      'task-api-0': `${json(1, 'one')}${json(5, 'five')}`,
      'audit-0': `${json(2, 'two')}    at stack (of two)\n${json(4, 'four')}`,
      postgres: '2023-11-14 22:13:20.003 UTC LOG:  three\n',
    });
    expect(await read(folder)).toEqual(['task-api-0: one', 'audit-0: two', 'audit-0:     at stack (of two)', 'postgres: 2023-11-14 22:13:20.003 UTC LOG:  three', 'audit-0: four', 'task-api-0: five']);
  });

  test('the last N lines of all together, also over more than one read', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => json(index * 2, `line ${index} ${'x'.repeat(60)}`)).join('');
    const folder = write(temporaryFolder(), { broker: many, gateway: json(5997, 'between') });
    const last = await read(folder, [], 3);
    expect(last.map((line) => line.slice(0, 20).trim())).toEqual(['broker: line 2998 xx', 'gateway: between', 'broker: line 2999 xx']);
    expect(await read(folder, [], 2500)).toHaveLength(2500);
    expect(await read(folder, [], 0)).toEqual([]);
  });

  test('a service is all its replicas, a replica itself, a daprd its own', async () => {
    const folder = write(temporaryFolder(), { 'task-api-0': json(1, 'a'), 'task-api-1': json(2, 'b'), 'task-api-0.dapr': json(3, 'c'), 'task-0': json(4, 'd') });
    expect(await read(folder, ['task-api'])).toEqual(['task-api-0: a', 'task-api-1: b', 'task-api-0.dapr: c']);
    expect(await read(folder, ['task-api-1', 'task'])).toEqual(['task-api-1: b', 'task-0: d']);
  });

  test('a line that is not finished yet is not shown; an empty log is no trouble', async () => {
    expect(await read(write(temporaryFolder(), { broker: `${json(1, 'whole')}{"level":30,"ti`, empty: '' }))).toEqual(['broker: whole']);
  });

  test('an unknown name is refused with the nearest; nothing deployed is said so', async () => {
    const folder = write(temporaryFolder(), { 'task-api-0': '', broker: '' });
    await expect(read(folder, ['task-apo'])).rejects.toMatchObject({ code: 'TODOCTL_UNKNOWN_PROCESS', next: ['Did you mean task-api?'] });
    await expect(read(folder, ['zebra'])).rejects.toMatchObject({ details: ['there are broker, task-api-0'] });
    for (const names of [['broker'], []]) await expect(read(path.join(folder, 'none'), names)).rejects.toMatchObject({ code: 'TODOCTL_NOT_DEPLOYED' });
  });
});

describe('following', () => {
  interface Following {
    next(): Promise<string>;
    stop(): Promise<void>;
  }
  const follow = (folder: string, names: string[] = []): Following => {
    const stop = new AbortController();
    const lines: AsyncIterator<LogLine> = readLogs(folder, { names, follow: true, tail: 1 }, stop.signal)[Symbol.asyncIterator]();
    return {
      next: async () => {
        const next = await lines.next();
        return next.done ? 'the end' : next.value.text;
      },
      async stop() {
        stop.abort();
        expect(await this.next()).toBe('the end');
      },
    };
  };

  test('shows what is added, in pieces, in a new log, and after a rotation', async () => {
    const folder = write(temporaryFolder(), { broker: 'old\nlast\n' });
    const following = follow(folder);
    const file = path.join(folder, 'broker.log');
    expect(await following.next()).toBe('last');
    appendFileSync(file, 'first ha');
    const first = following.next();
    appendFileSync(file, 'lf\n');
    expect(await first).toBe('first half');
    write(folder, { gateway: 'new log\n' });
    expect(await following.next()).toBe('new log');
    truncateSync(file, 0);
    appendFileSync(file, 'x\n');
    expect(await following.next()).toBe('x');
    await following.stop();
  });

  test('keeps letters whole that come in two pieces', async () => {
    const folder = write(temporaryFolder(), { broker: 'begin\n' });
    const following = follow(folder);
    await following.next();
    const letter = Buffer.from('ü\n');
    appendFileSync(path.join(folder, 'broker.log'), letter.subarray(0, 1));
    const next = following.next();
    appendFileSync(path.join(folder, 'broker.log'), letter.subarray(1));
    expect(await next).toBe('ü');
    await following.stop();
  });
});

test.each([
  ['{"level":30,"time":1700000000123,"msg":"x"}', 1_700_000_000_123],
  ['{"level":"info","time":"2023-11-14T22:13:20.5Z"}', 1_700_000_000_500],
  ['2023-11-14 22:13:20.001 UTC LOG:  x', 1_700_000_000_001],
  ['    at file.ts:1', undefined],
  ['', undefined],
])('%s was written at %s', (line, time) => {
  expect(lineTime(line)).toBe(time);
});
