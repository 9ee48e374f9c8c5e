import { readdirSync } from 'node:fs';
import type { BatchHeader } from '../../kafka/record-batch.ts';
import type { Files } from './files.ts';
import { scan } from './scan.ts';
import { readStoredIndex, Segment, segmentPath } from './segment.ts';

/** What a start found in a partition's folder. */
export interface Recovered {
  /** Oldest first; the last one is the active one and open. Never empty. */
  segments: Segment[];
  /** Bytes cut off because they were no whole batch with a right checksum. */
  cut: number;
}

/**
 * Brings a partition's folder back to a log. A segment with a fitting index was synced before the index was written, so it is trusted;
 * every other one is read, and cut behind its last whole batch with a right checksum. What follows a cut segment goes too: it would leave a hole.
 */
export function recover(files: Files, folder: string, onBatch: (header: BatchHeader) => void): Recovered {
  const bases = readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => Number(name.slice(0, -'.log'.length)))
    .sort((a, b) => a - b);
  if (bases.length === 0) bases.push(0);
  const segments: Segment[] = [];
  let cut = 0;
  for (const base of bases) {
    if (cut > 0) {
      const orphan = new Segment(files, folder, base);
      cut += orphan.size;
      orphan.remove();
      continue;
    }
    const file = files.open(segmentPath(folder, base));
    try {
      const stored = readStoredIndex(file.path, file.size());
      const found = stored ? { index: stored, torn: 0 } : scan(file, base, onBatch);
      if (found.torn > 0) file.truncate(found.index.size);
      cut += found.torn;
      const segment = new Segment(files, folder, base, found.index);
      segments.push(segment);
      if (stored || base === bases.at(-1)) continue;
      file.sync();
      segment.seal();
    } finally {
      file.close();
    }
  }
  const active = segments.at(-1) as Segment;
  active.open();
  active.forgetStoredIndex();
  return { segments, cut };
}
