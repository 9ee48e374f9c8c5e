// Slicing-by-16 in plain JS: 1.3–1.4 GB/s here, where the WASM of @platformatic/wasm-utils does 1.6 GB/s but must be
// loaded first and copies its input, and slicing-by-8 does 0.9. (node:zlib's crc32 is another polynomial.)
const SLICES = 16;
const CASTAGNOLI = 0x82f63b78;
const TABLE = makeTable();

function makeTable(): Int32Array {
  const table = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ CASTAGNOLI : value >>> 1;
    table[byte] = value;
  }
  for (let at = 256; at < table.length; at++) {
    const before = table[at - 256] as number;
    table[at] = (before >>> 8) ^ (table[before & 255] as number);
  }
  return table;
}

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes` from `start` to `end`, as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  // Indexed reads are inside the table and the range by construction; `| 0` keeps them 32-bit integers for the compiler.
  const t = TABLE as ArrayLike<number> as number[];
  const b = bytes as ArrayLike<number> as number[];
  let crc = -1;
  let i = start;
  for (const last = end - SLICES; i <= last; i += SLICES) {
    crc =
      t[3840 + ((crc ^ b[i]!) & 255)]! ^ t[3584 + (((crc >>> 8) ^ b[i + 1]!) & 255)]! ^
      t[3328 + (((crc >>> 16) ^ b[i + 2]!) & 255)]! ^ t[3072 + ((crc >>> 24) ^ b[i + 3]!)]! ^
      t[2816 + b[i + 4]!]! ^ t[2560 + b[i + 5]!]! ^ t[2304 + b[i + 6]!]! ^ t[2048 + b[i + 7]!]! ^
      t[1792 + b[i + 8]!]! ^ t[1536 + b[i + 9]!]! ^ t[1280 + b[i + 10]!]! ^ t[1024 + b[i + 11]!]! ^
      t[768 + b[i + 12]!]! ^ t[512 + b[i + 13]!]! ^ t[256 + b[i + 14]!]! ^ t[b[i + 15]!]!;
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ t[(crc ^ b[i]!) & 255]!;
  return ~crc >>> 0;
}
