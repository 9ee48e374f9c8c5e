/** A frame that does not say what its API promises: truncated, a length out of range, an impossible count. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
}

/**
 * Reads the Kafka protocol's primitives from one frame (kafka.apache.org/protocol, "Protocol Primitive Types").
 * Every length is checked against what is left: sizes come from the network and are hostile.
 */
export class Reader {
  readonly bytes: Buffer;
  offset: number;

  constructor(bytes: Buffer, offset = 0) {
    this.bytes = bytes;
    this.offset = offset;
  }

  get left(): number {
    return this.bytes.length - this.offset;
  }

  /** Moves past `length` bytes and returns where they begin. */
  take(length: number): number {
    if (length < 0 || length > this.left) throw new MalformedFrame(`${length} bytes wanted, ${this.left} left`);
    const at = this.offset;
    this.offset += length;
    return at;
  }

  int8(): number {
    return this.bytes.readInt8(this.take(1));
  }
  int16(): number {
    return this.bytes.readInt16BE(this.take(2));
  }
  int32(): number {
    return this.bytes.readInt32BE(this.take(4));
  }
  uint32(): number {
    return this.bytes.readUInt32BE(this.take(4));
  }
  int64(): bigint {
    return this.bytes.readBigInt64BE(this.take(8));
  }
  boolean(): boolean {
    return this.int8() !== 0;
  }

  /** Unsigned varint, at most 5 bytes. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.take(1)] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedFrame('varint of more than 5 bytes');
  }

  /** Zig-zag varint of 32 bits. */
  varint(): number {
    const raw = this.uvarint();
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  /** Zig-zag varint of 64 bits. */
  varlong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.take(1)] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
    }
    throw new MalformedFrame('varlong of more than 10 bytes');
  }

  string(): string {
    return this.nullableString() ?? this.#missing('string');
  }
  nullableString(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.#text(length);
  }
  compactString(): string {
    return this.compactNullableString() ?? this.#missing('string');
  }
  compactNullableString(): string | null {
    const length = this.uvarint();
    return length === 0 ? null : this.#text(length - 1);
  }
  /** A view on the frame, not a copy. */
  nullableBytes(): Buffer | null {
    const length = this.int32();
    return length < 0 ? null : this.#view(length);
  }
  compactNullableBytes(): Buffer | null {
    const length = this.uvarint();
    return length === 0 ? null : this.#view(length - 1);
  }

  /** An array of `item`s; null counts as empty. Refuses a count that could not fit into what is left. */
  array<T>(item: () => T): T[] {
    return this.#items(Math.max(0, this.int32()), item);
  }
  compactArray<T>(item: () => T): T[] {
    return this.#items(Math.max(0, this.uvarint() - 1), item);
  }

  /** Passes over a flexible version's tagged fields. */
  tags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint();
      this.take(this.uvarint());
    }
  }

  #text(length: number): string {
    const at = this.take(length);
    return this.bytes.toString('utf8', at, at + length);
  }
  #view(length: number): Buffer {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }
  #items<T>(count: number, item: () => T): T[] {
    if (count > this.left) throw new MalformedFrame(`${count} items wanted, ${this.left} bytes left`);
    return Array.from({ length: count }, item);
  }
  #missing(what: string): never {
    throw new MalformedFrame(`null where a ${what} must be`);
  }
}

/** Writes the same primitives into one growing buffer. Every method returns the writer, so that a request reads as one line. */
export class Writer {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Forgets what was written and keeps the room. */
  reset(): this {
    this.#length = 0;
    return this;
  }

  /** A view on what was written; later writes may move it. */
  done(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  int8(value: number): this {
    const at = this.#room(1);
    this.#bytes.writeInt8(value, at);
    return this;
  }
  int16(value: number): this {
    const at = this.#room(2);
    this.#bytes.writeInt16BE(value, at);
    return this;
  }
  int32(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }
  uint32(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeUInt32BE(value, at);
    return this;
  }
  int64(value: bigint): this {
    const at = this.#room(8);
    this.#bytes.writeBigInt64BE(value, at);
    return this;
  }
  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  uvarint(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.#byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#byte(rest);
    return this;
  }
  varint(value: number): this {
    return this.uvarint(value >= 0 ? value * 2 : -value * 2 - 1);
  }
  varlong(value: bigint): this {
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    while (rest >= 0x80n) {
      this.#byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.#byte(Number(rest));
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    return this.int16(length).#text(value, length);
  }
  compactString(value: string | null): this {
    if (value === null) return this.uvarint(0);
    const length = Buffer.byteLength(value);
    return this.uvarint(length + 1).#text(value, length);
  }
  bytes(value: Buffer | null): this {
    if (value === null) return this.int32(-1);
    return this.int32(value.length).raw(value);
  }
  compactBytes(value: Buffer | null): this {
    if (value === null) return this.uvarint(0);
    return this.uvarint(value.length + 1).raw(value);
  }
  raw(value: Buffer): this {
    const at = this.#room(value.length);
    value.copy(this.#bytes, at);
    return this;
  }

  array<T>(items: readonly T[], item: (value: T) => void): this {
    this.int32(items.length);
    for (const value of items) item(value);
    return this;
  }
  compactArray<T>(items: readonly T[], item: (value: T) => void): this {
    this.uvarint(items.length + 1);
    for (const value of items) item(value);
    return this;
  }
  /** No tagged fields. */
  tags(): this {
    return this.uvarint(0);
  }

  /** Overwrites four bytes that were left open for a length or a checksum. */
  patchInt32(at: number, value: number): this {
    this.#bytes.writeInt32BE(value, at);
    return this;
  }
  patchUint32(at: number, value: number): this {
    this.#bytes.writeUInt32BE(value, at);
    return this;
  }

  #byte(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }
  #text(value: string, length: number): this {
    const at = this.#room(length);
    this.#bytes.write(value, at, length, 'utf8');
    return this;
  }
  // Always called before `this.#bytes` is read: growing replaces the buffer.
  #room(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    return at;
  }
}
