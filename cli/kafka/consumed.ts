import { isUtf8 } from 'node:buffer';
import type { KafkaRecord } from './record-batch.ts';

/** Why a value is shown the way it is. */
export type ValueKind = 'json' | 'text' | 'binary' | 'tombstone';

const UNREAD = Symbol('unread');

/** A record with where it came from. The value is parsed on first use, and once: filter and format share it. */
export class Consumed {
  readonly topic: string;
  readonly partition: number;
  readonly record: KafkaRecord;
  #json: unknown = UNREAD;
  #kind: ValueKind | undefined;

  constructor(topic: string, partition: number, record: KafkaRecord) {
    this.topic = topic;
    this.partition = partition;
    this.record = record;
  }

  get kind(): ValueKind {
    this.#read();
    return this.#kind as ValueKind;
  }

  /** The value when it is JSON, otherwise undefined. */
  get json(): unknown {
    this.#read();
    return this.#json;
  }

  /** The value as text; empty for a tombstone, damaged for binary (see kind). */
  get text(): string {
    return this.record.value?.toString() ?? '';
  }

  /** A field of a JSON value by its path: `data.task_data.title`, `items.0`. */
  field(path: readonly string[]): unknown {
    let value = this.json;
    for (const name of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
      value = (value as Record<string, unknown>)[name];
    }
    return value;
  }

  /** The CloudEvent's type, from the value or, in binary mode, from the header `ce_type`. */
  get type(): string | undefined {
    const type = this.field(['type']) ?? this.record.headers.find(({ key }) => key === 'ce_type')?.value?.toString();
    return typeof type === 'string' ? type : undefined;
  }

  /** The same event on memory of its own: the reader uses a frame's memory again. */
  kept(): Consumed {
    const { key, value, headers } = this.record;
    const own = (bytes: Buffer | null): Buffer | null => bytes && Buffer.from(bytes);
    return new Consumed(this.topic, this.partition, {
      ...this.record,
      key: own(key),
      value: own(value),
      headers: headers.map((header) => ({ key: header.key, value: own(header.value) })),
    });
  }

  #read(): void {
    if (this.#json !== UNREAD) return;
    this.#json = undefined;
    const { value } = this.record;
    this.#kind = value === null ? 'tombstone' : isUtf8(value) ? 'text' : 'binary';
    if (this.#kind !== 'text') return;
    try {
      this.#json = JSON.parse(this.text);
      this.#kind = 'json';
    } catch {
      // Not JSON is not an error: topics hold what their producers like.
    }
  }
}
