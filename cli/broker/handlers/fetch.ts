import { ErrorCode } from '../../kafka/error-codes.ts';
import type { Partition } from '../log/partition.ts';
import type { FetchedPartition, FetchPartition, FetchRequest, FetchResponse } from '../protocol/fetch.ts';
import type { Topics } from '../topics.ts';
import type { Handler } from './context.ts';
import { epochError } from './epoch.ts';

/** Of one answer, whatever the client asks for: it is read into memory. Kafka's own limit is 55 MiB. */
const MOST_BYTES = 55 * 1024 * 1024;
const LONGEST_WAIT_MS = 60_000;
const NOTHING = Buffer.alloc(0);

export const fetchHandler: Handler<FetchRequest, FetchResponse> = (request, { topics }, { gone }) => {
  // Sessions are never given out, so a client that names one has it from another life of this broker.
  if (request.sessionId !== 0) return { error: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, topics: [] };
  const now = collect(request, topics);
  return now.enough || request.maxWaitMs <= 0 ? now.response : collectLater(request, topics, gone);
};

async function collectLater(request: FetchRequest, topics: Topics, gone: AbortSignal): Promise<FetchResponse> {
  const until = performance.now() + Math.min(request.maxWaitMs, LONGEST_WAIT_MS);
  for (;;) {
    const left = until - performance.now();
    if (left > 0) await more(request, topics, left, gone);
    const { response, enough } = collect(request, topics);
    if (enough || left <= 0 || gone.aborted) return response;
  }
}

/** Reads what there is. `enough`: the client's minimum is reached, or a partition has an error to tell. */
function collect(request: FetchRequest, topics: Topics): { response: FetchResponse; enough: boolean } {
  let left = Math.min(request.maxBytes, MOST_BYTES);
  let collected = 0;
  let failed = false;
  const read = topicsOf(request, (name, wanted) => {
    const fetched = readPartition(topics.partition(name, wanted.index), wanted, left, collected === 0);
    collected += fetched.records.length;
    left -= fetched.records.length;
    failed ||= fetched.error !== ErrorCode.NONE;
    return fetched;
  });
  return { response: { error: ErrorCode.NONE, topics: read }, enough: failed || collected >= Math.max(0, request.minBytes) };
}

function readPartition(partition: Partition | undefined, wanted: FetchPartition, left: number, atLeastOne: boolean): FetchedPartition {
  const { index, offset, leaderEpoch, maxBytes } = wanted;
  if (!partition) return { index, error: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, endOffset: -1, startOffset: -1, records: NOTHING };
  const { startOffset, endOffset } = partition;
  const answer = { index, endOffset, startOffset };
  const error = epochError(leaderEpoch);
  if (error !== ErrorCode.NONE) return { ...answer, error, records: NOTHING };
  if (offset < startOffset || offset > endOffset) return { ...answer, error: ErrorCode.OFFSET_OUT_OF_RANGE, records: NOTHING };
  const records = offset === endOffset ? NOTHING : partition.read(offset, Math.min(maxBytes, left), atLeastOne);
  return { ...answer, error: ErrorCode.NONE, records };
}

/** Resolves at the next append to a partition of the request, after `ms`, or when the client is gone. */
function more(request: FetchRequest, topics: Topics, ms: number, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const waits: (() => void)[] = [];
    const wake = (): void => {
      clearTimeout(timer);
      gone.removeEventListener('abort', wake);
      for (const callOff of waits) callOff();
      resolve();
    };
    const timer = setTimeout(wake, ms);
    gone.addEventListener('abort', wake, { once: true });
    topicsOf(request, (name, { index }) => {
      const callOff = topics.partition(name, index)?.waitForMore(wake);
      if (callOff) waits.push(callOff);
    });
    if (gone.aborted) wake();
  });
}

function topicsOf<T>({ topics }: FetchRequest, of: (name: string, partition: FetchPartition) => T): { name: string; partitions: T[] }[] {
  return topics.map(({ name, partitions }) => ({ name, partitions: partitions.map((partition) => of(name, partition)) }));
}
