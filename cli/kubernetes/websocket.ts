/** WebSocket framing (RFC 6455), a client's side: what is sent is masked, what is read is not. */

export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

const FINAL = 0x80;
const MASKED = 0x80;
const CONTROL = 0x08;
const SHORT = 125;
const MASK_BYTES = 4;
const LONGEST_HEADER = 14;

/** What was sent breaks the protocol; the connection is of no use any more. */
export class BrokenFrame extends Error {
  override readonly name = 'BrokenFrame';
}

/** One whole message of these parts, in one frame and one buffer: written apart, they would wait for each other. `mask`: four random bytes. */
export function encodeFrame(opcode: Opcode, parts: readonly Uint8Array[], mask: Uint8Array): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const frame = Buffer.allocUnsafe(LONGEST_HEADER + length);
  frame[0] = FINAL | opcode;
  let at: number;
  if (length <= SHORT) {
    frame[1] = MASKED | length;
    at = 2;
  } else if (length < 2 ** 16) {
    frame[1] = MASKED | 126;
    at = frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = MASKED | 127;
    frame.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    at = frame.writeUInt32BE(length >>> 0, 6);
  }
  frame.set(mask, at);
  at += MASK_BYTES;
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0] = mask;
  const end = at + length;
  for (let to = at, part = 0; part < parts.length; to += parts[part++]?.length ?? 0) frame.set(parts[part] ?? [], to);
  // Four at a time: the engine keeps the mask in registers.
  let i = at;
  for (; i + 3 < end; i += 4) {
    frame[i] = (frame[i] ?? 0) ^ m0;
    frame[i + 1] = (frame[i + 1] ?? 0) ^ m1;
    frame[i + 2] = (frame[i + 2] ?? 0) ^ m2;
    frame[i + 3] = (frame[i + 3] ?? 0) ^ m3;
  }
  for (let rest = 0; i < end; i++, rest++) frame[i] = (frame[i] ?? 0) ^ (mask[rest] ?? 0);
  return frame.subarray(0, end);
}

export interface FrameHandler {
  /** A piece of a message, as a view of the chunk that it came in; `first` begins a message, and may be empty. */
  data(piece: Buffer, first: boolean): void;
  /** A ping, a pong, or a close with its whole payload. */
  control(opcode: Opcode, payload: Buffer): void;
}

/** Takes a byte stream apart, wherever it is cut, and copies no data: a message goes on as it comes. Throws BrokenFrame. */
export class FrameParser {
  readonly #handler: FrameHandler;
  readonly #header = Buffer.alloc(LONGEST_HEADER);
  #filled = 0;
  /** Of the frame at hand; -1 while its header is read. */
  #left = -1;
  #opcode: number = Opcode.continuation;
  #final = true;
  #control: Buffer[] = [];
  /** Within a message of several frames. */
  #within = false;
  #first = false;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left < 0) {
        at = this.#read(chunk, at);
        continue;
      }
      const piece = chunk.subarray(at, at + this.#left);
      at += piece.length;
      this.#left -= piece.length;
      this.#take(piece);
    }
  }

  /** Reads of a header what is there; answers where it went on to. */
  #read(chunk: Buffer, at: number): number {
    const header = this.#header;
    while (at < chunk.length) {
      header[this.#filled++] = chunk[at++] ?? 0;
      if (this.#filled < 2) continue;
      const length = (header[1] ?? 0) & 0x7f;
      if (this.#filled < (length < 126 ? 2 : length === 126 ? 4 : 10)) continue;
      this.#begin(length < 126 ? length : length === 126 ? header.readUInt16BE(2) : header.readUInt32BE(2) * 2 ** 32 + header.readUInt32BE(6));
      break;
    }
    return at;
  }

  #begin(length: number): void {
    const [first = 0, second = 0] = this.#header;
    this.#filled = 0;
    this.#final = (first & FINAL) !== 0;
    const opcode = first & 0x0f;
    const control = (opcode & CONTROL) !== 0;
    if ((first & 0x70) !== 0) throw new BrokenFrame('the server sent a frame with an extension that was not asked for');
    if ((second & MASKED) !== 0) throw new BrokenFrame('the server sent a masked frame');
    if (opcode > Opcode.pong || (opcode > Opcode.binary && !control)) throw new BrokenFrame(`the server sent a frame of kind ${opcode}, which there is not`);
    if (control && (length > SHORT || !this.#final)) throw new BrokenFrame('the server sent a control frame in parts');
    if (!Number.isSafeInteger(length)) throw new BrokenFrame('the server sent a frame of no possible length');
    if (!control && this.#within !== (opcode === Opcode.continuation)) throw new BrokenFrame('the server sent parts of messages out of order');
    this.#opcode = opcode;
    if (!control) {
      this.#first = !this.#within;
      this.#within = !this.#final;
    }
    this.#left = length;
    if (length === 0) this.#take(Buffer.alloc(0));
  }

  #take(piece: Buffer): void {
    const whole = this.#left === 0;
    if (whole) this.#left = -1;
    if ((this.#opcode & CONTROL) === 0) {
      const first = this.#first;
      this.#first = false;
      this.#handler.data(piece, first);
      return;
    }
    this.#control.push(piece);
    if (!whole) return;
    const payload = Buffer.concat(this.#control);
    this.#control = [];
    this.#handler.control(this.#opcode as Opcode, payload);
  }
}
