import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BrokerContext } from '../../../../cli/broker/handlers/context.ts';
import { fetchHandler } from '../../../../cli/broker/handlers/fetch.ts';
import { checkBatch } from '../../../../cli/broker/log/batch.ts';
import { diskFiles } from '../../../../cli/broker/log/files.ts';
import { jsonLog } from '../../../../cli/io/json-log.ts';
import type { FetchRequest, FetchResponse } from '../../../../cli/broker/protocol/fetch.ts';
import { rolling, Topics } from '../../../../cli/broker/topics.ts';
import { errorName } from '../../../../cli/kafka/error-codes.ts';
import { encodeBatch } from '../../../../cli/kafka/record-batch.ts';

let root: string;
let topics: Topics;
let leave: AbortController;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'fetch-'));
  const log = jsonLog({ name: 'broker', level: 'fatal', write: () => undefined });
  topics = new Topics(root, { files: diskFiles, now: Date.now, log, dirty: () => undefined, later: (work) => void work() });
  topics.create('t', 3, {});
  leave = new AbortController();
});
afterEach(() => {
  vi.useRealTimers();
  topics.close();
  rmSync(root, { recursive: true, force: true });
});

function write(partition: number, size: number): void {
  const batch = encodeBatch([{ key: null, value: Buffer.alloc(size), timestamp: 0 }]);
  const header = checkBatch(batch, 1 << 20);
  const topic = topics.get('t');
  if (typeof header === 'string' || !topic) throw new Error('cannot write');
  topic.partitions[partition]?.append(batch, header, rolling(topic.config));
}

function fetch(given: Partial<FetchRequest> = {}, partitions: number[] = [0, 1, 2], of: Partial<FetchRequest['topics'][number]['partitions'][number]> = {}): Promise<FetchResponse> | FetchResponse {
  const request: FetchRequest = {
    maxWaitMs: 0, minBytes: 1, maxBytes: 1 << 20, sessionId: 0,
    topics: [{ name: 't', partitions: partitions.map((index) => ({ index, leaderEpoch: -1, offset: 0, maxBytes: 1 << 20, ...of })) }],
    ...given,
  };
  const answered = fetchHandler(request, { topics } as BrokerContext, { version: 11, id: 'c', host: 'h', gone: leave.signal });
  return answered as Promise<FetchResponse> | FetchResponse;
}

const sizes = (response: FetchResponse): number[] => response.topics.flatMap(({ partitions }) => partitions.map(({ records }) => records.length));
const errors = (response: FetchResponse): string[] => response.topics.flatMap(({ partitions }) => partitions.map(({ error }) => errorName(error)));

describe('a fetch', () => {
  it('is answered at once, without waiting a tick, when there is enough', () => {
    write(0, 100);
    expect(fetch({ maxWaitMs: 1000 })).not.toBeInstanceOf(Promise);
  });

  it('keeps to its limit over all partitions, but gives one batch in any case', async () => {
    for (const partition of [0, 1, 2]) write(partition, 1000);
    expect(sizes(await fetch({ maxBytes: 10 }))).toEqual([1070, 0, 0]);
    expect(sizes(await fetch({ maxBytes: 2500 }))).toEqual([1070, 1070, 0]);
    expect(sizes(await fetch({ maxBytes: 0 }))).toEqual([1070, 0, 0]);
  });

  it('keeps to the limit of each partition', async () => {
    for (const partition of [0, 1, 2]) for (let n = 0; n < 3; n++) write(partition, 1000);
    expect(sizes(await fetch({}, [0, 1], { maxBytes: 2200 }))).toEqual([2200, 2200]);
  });

  it('wakes for any of its partitions', async () => {
    const waiting = fetch({ maxWaitMs: 60_000 });
    write(2, 10);
    expect(sizes(await waiting)).toEqual([0, 0, 78]);
  });

  it('tells an error at once instead of waiting', async () => {
    expect(errors(await fetch({ maxWaitMs: 60_000 }, [0, 7]))).toEqual(['NONE', 'UNKNOWN_TOPIC_OR_PARTITION']);
    expect(errors(await fetch({ maxWaitMs: 60_000 }, [0], { offset: 1 }))).toEqual(['OFFSET_OUT_OF_RANGE']);
    expect(errors(await fetch({ maxWaitMs: 60_000 }, [0], { offset: -1 }))).toEqual(['OFFSET_OUT_OF_RANGE']);
    expect(errors(await fetch({ maxWaitMs: 60_000 }, [0], { leaderEpoch: 3 }))).toEqual(['UNKNOWN_LEADER_EPOCH']);
  });

  it('learns that its topic was deleted while it waited', async () => {
    const waiting = fetch({ maxWaitMs: 60_000 }, [0]);
    topics.remove('t');
    expect(errors(await waiting)).toEqual(['UNKNOWN_TOPIC_OR_PARTITION']);
  });

  it('ends when its client is gone, and leaves no timer', async () => {
    vi.useFakeTimers();
    const waiting = fetch({ maxWaitMs: 60_000 });
    expect(vi.getTimerCount()).toBe(1);
    leave.abort();
    expect(sizes(await waiting)).toEqual([0, 0, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never waits longer than a minute, whatever the client says', async () => {
    vi.useFakeTimers();
    const waiting = fetch({ maxWaitMs: 2 ** 31 - 1 });
    await vi.advanceTimersByTimeAsync(60_001);
    expect(sizes(await waiting)).toEqual([0, 0, 0]);
  });

  it('of a session that was never given out is refused', async () => {
    expect(errorName((await fetch({ sessionId: 5 })).error)).toBe('FETCH_SESSION_ID_NOT_FOUND');
  });
});
