import { type Reader, Writer } from '../../kafka/wire.ts';

/** One request of the protocol: which versions are spoken, how it is read and how its answer is written (kafka.apache.org/protocol). */
export interface Api<Request, Response> {
  readonly key: number;
  readonly min: number;
  readonly max: number;
  /** The first version with compact lengths and tagged fields, where one of them is spoken. */
  readonly flexibleFrom?: number;
  readonly decode: (reader: Reader, version: number) => Request;
  readonly encode: (frame: Frame, response: Response, version: number) => void;
}

/** A response under way. Large byte fields are attached, not copied: they go to the socket as they were read from the file. */
export class Frame extends Writer {
  readonly #attached: { at: number; bytes: Buffer }[] = [];

  /** A bytes field: its length, then `bytes` themselves. */
  attach(bytes: Buffer): this {
    this.int32(bytes.length);
    this.#attached.push({ at: this.length, bytes });
    return this;
  }

  /** The whole frame, its length in front, in pieces. Ends the writing. */
  chunks(): Buffer[] {
    const written = this.done();
    const length = Buffer.allocUnsafe(4);
    const chunks: Buffer[] = [length];
    let from = 0;
    for (const { at, bytes } of this.#attached) {
      chunks.push(written.subarray(from, at), bytes);
      from = at;
    }
    chunks.push(written.subarray(from));
    length.writeInt32BE(chunks.reduce((sum, chunk) => sum + chunk.length, 0) - length.length);
    return chunks;
  }
}

/** This broker never holds anybody back, but most answers have a field for it. */
export const NO_THROTTLE = 0;
/** "Which operations am I allowed": not asked, or not known. There is no authorisation here. */
export const OPERATIONS_UNKNOWN = -(2 ** 31);

/** An array that may be null where null says something else than empty. */
export function nullableArray<T>(reader: Reader, item: () => T): T[] | null {
  if (reader.left >= 4 && reader.bytes.readInt32BE(reader.offset) < 0) {
    reader.int32();
    return null;
  }
  return reader.array(item);
}

/** A 64-bit number that counts offsets, bytes or milliseconds. */
export function long(reader: Reader): number {
  return Number(reader.int64());
}
