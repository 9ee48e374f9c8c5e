import { isRecord, scalar } from '../resources/document.ts';

/** What a caller says of one item, in a save or in an operation of a transaction. */
export interface StateRequest {
  key: string;
  value: unknown;
  etag: string | undefined;
  concurrency: string | undefined;
  ttl: string | undefined;
}

/** Reads one item; `extra` is the request's own metadata, which wins. Undefined when it is no object. */
export function readRequest(item: unknown, extra: Readonly<Record<string, string>>): StateRequest | undefined {
  if (!isRecord(item)) return undefined;
  const options = isRecord(item['options']) ? item['options'] : {};
  const metadata = { ...(isRecord(item['metadata']) ? item['metadata'] : {}), ...extra };
  return {
    key: scalar(item['key']) ?? '',
    value: item['value'],
    etag: scalar(item['etag']) || undefined,
    concurrency: scalar(options['concurrency']),
    ttl: scalar(metadata['ttlInSeconds']) || undefined,
  };
}
