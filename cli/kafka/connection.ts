import type { Duplex } from 'node:stream';
import type { Intake } from './access.ts';
import type { Api } from './apis/api.ts';
import type { VersionRange } from './apis/connect.ts';
import { ConnectionLost } from './failures.ts';
import { FrameReader } from './frames.ts';
import { MalformedFrame, Reader, Writer } from './wire.ts';

const CLIENT_ID = 'todoctl';
/** How long a broker may take to answer, beyond what the request itself lets it wait. */
export const ANSWER_MS = 30_000;

interface Waiting {
  correlation: number;
  resolve(frame: Buffer): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/**
 * One connection to one broker over any byte stream. Requests are pipelined: a broker answers in the order of asking, and
 * the correlation id proves it. Each request is a single write, because header and body apart cost 40 ms each with Nagle.
 */
export class Connection {
  /** For messages: `127.0.0.1:9092`. */
  readonly where: string;
  /** What the broker speaks; empty until ApiVersions was asked. */
  versions = new Map<number, VersionRange>();
  /** For a transport that can read straight into a frame. */
  readonly intake: Intake = { room: () => this.#frames.room(), filled: (length) => this.#guarded(() => this.#frames.filled(length)) };
  #stream: Duplex | undefined;
  readonly #frames = new FrameReader((frame) => this.#answered(frame));
  readonly #waiting: Waiting[] = [];
  #correlation = 0;
  #lost: Error | undefined;

  constructor(where: string) {
    this.where = where;
  }

  /** Talks over this stream from now on. */
  over(stream: Duplex): this {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#guarded(() => this.#frames.push(chunk)));
    stream.on('error', (error) => this.#lose(error));
    stream.on('close', () => this.#lose(undefined));
    stream.on('end', () => this.#lose(undefined));
    return this;
  }

  get open(): boolean {
    return this.#lost === undefined;
  }

  /** The version that both sides speak; throws when there is none. */
  version(api: Api<never, unknown>): number {
    const range = this.versions.get(api.key);
    const version = range ? Math.min(range.max, api.max) : api.min;
    if (range && (version < range.min || version < api.min)) {
      throw new MalformedFrame(`${this.where} speaks ${api.name} ${range.min} to ${range.max}, todoctl ${api.min} to ${api.max}`);
    }
    return version;
  }

  /** True when the broker serves this request at all. */
  serves(api: Api<never, unknown>): boolean {
    return this.versions.has(api.key);
  }

  /**
   * Asks and waits for the answer, at most `waitMs`. Throws ConnectionLost when the connection ends or is too slow,
   * MalformedFrame when the answer does not read; both close the connection.
   */
  async call<Q, A>(api: Api<Q, A>, request: Q, waitMs = ANSWER_MS): Promise<A> {
    const { answer } = await this.callFramed(api, request, waitMs);
    return answer;
  }

  /** Like `call`; the frame that the answer's views lie in may be handed to `recycle` when they are done with. */
  async callFramed<Q, A>(api: Api<Q, A>, request: Q, waitMs = ANSWER_MS): Promise<{ answer: A; frame: Buffer }> {
    const version = this.version(api);
    const frame = await this.#send(api, version, request, waitMs);
    try {
      const reader = new Reader(frame, 4);
      if (version >= api.flexible) reader.tags();
      return { answer: api.decode(reader, version), frame };
    } catch (error) {
      this.close(error as Error);
      throw error;
    }
  }

  recycle(frame: Buffer): void {
    this.#frames.recycle(frame);
  }

  close(reason?: Error): void {
    this.#lose(reason);
    this.#stream?.destroy();
  }

  #send<Q>(api: Api<Q, unknown>, version: number, request: Q, waitMs: number): Promise<Buffer> {
    if (this.#lost) return Promise.reject(this.#lost);
    const correlation = this.#correlation++;
    const writer = new Writer().int32(0).int16(api.key).int16(version).int32(correlation).string(CLIENT_ID);
    if (version >= api.flexible) writer.tags();
    api.encode(writer, request, version);
    writer.patchInt32(0, writer.length - 4);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.close(new ConnectionLost(`${this.where} did not answer ${api.name} within ${waitMs} ms`)), waitMs);
      this.#waiting.push({ correlation, resolve, reject, timer });
      this.#stream?.write(writer.done());
    });
  }

  #guarded(take: () => void): void {
    try {
      take();
    } catch (error) {
      this.close(error as Error);
    }
  }

  #answered(frame: Buffer): void {
    const waiting = this.#waiting.shift();
    const correlation = frame.readInt32BE(0);
    if (waiting?.correlation !== correlation) {
      if (waiting) this.#waiting.unshift(waiting);
      throw new MalformedFrame(`${this.where} answered request ${correlation}, which nobody waits for`);
    }
    clearTimeout(waiting.timer);
    waiting.resolve(frame);
  }

  #lose(reason: Error | null | undefined): void {
    if (this.#lost) return;
    this.#lost =
      reason instanceof ConnectionLost || reason instanceof MalformedFrame
        ? reason
        : new ConnectionLost(`${this.where} closed the connection${reason ? `: ${reason.message}` : ''}`, { cause: reason });
    for (const waiting of this.#waiting.splice(0)) {
      clearTimeout(waiting.timer);
      waiting.reject(this.#lost);
    }
  }
}
