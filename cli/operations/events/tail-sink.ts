import type { Writable } from 'node:stream';
import { type Chunk, Codecs, recordsOf } from '../../kafka/chunk.ts';
import { Consumed } from '../../kafka/consumed.ts';
import { copyValues } from '../../kafka/values.ts';
import { ByteOutput } from '../../ui/byte-output.ts';
import type { EventFormat } from '../../ui/event-line.ts';
import type { Filter } from './filter.ts';

/** Takes chunks from the reader, prints what passes the filter, counts it, and says when the limit is reached. */
export class TailSink {
  seen = 0;
  readonly #output: ByteOutput;
  readonly #format: EventFormat | 'raw';
  readonly #filter: Filter | undefined;
  readonly #limit: number;
  readonly #codecs = new Codecs();
  readonly #done = new AbortController();

  constructor(stdout: Writable, format: EventFormat | 'raw', filter: Filter | undefined, limit = Infinity) {
    this.#output = new ByteOutput(stdout);
    this.#format = format;
    this.#filter = filter;
    this.#limit = limit;
    if (limit === 0) this.#done.abort();
  }

  /** Aborted once the limit is reached. */
  get done(): AbortSignal {
    return this.#done.signal;
  }

  async chunks(chunks: readonly Chunk[]): Promise<void> {
    for (const chunk of chunks) {
      await this.#codecs.prepare(chunk.bytes);
      if (this.#format === 'raw' && !this.#filter && this.#limit === Infinity) this.seen += copyValues(chunk, this.#codecs, this.#output);
      else for (const record of recordsOf(chunk, this.#codecs)) this.#event(new Consumed(chunk.topic, chunk.partition, record));
      if (this.#output.full) await this.#output.flush();
    }
    await this.#output.flush();
  }

  /** Events that passed the filter already. */
  async events(events: readonly Consumed[]): Promise<void> {
    for (const event of events) this.#print(event);
    await this.#output.flush();
  }

  flush(): Promise<void> {
    return this.#output.flush();
  }

  #event(event: Consumed): void {
    if (!this.#filter || this.#filter(event)) this.#print(event);
  }

  #print(event: Consumed): void {
    if (this.seen >= this.#limit) return;
    this.seen++;
    if (this.#format === 'raw') this.#output.raw(event.record.value);
    else this.#output.line(this.#format(event));
    if (this.seen === this.#limit) this.#done.abort();
  }
}
