import { renameSync } from 'node:fs';
import type { Files, LogFile } from './log/files.ts';

/** What a group committed for one partition: where it goes on, and a note of its own. */
export interface Committed {
  offset: number;
  metadata: string | null;
}

/** A line of the file. Without `topic` the whole group is forgotten, without `partition` the group's topic. */
interface Line {
  group: string;
  topic?: string;
  partition?: number;
  offset?: number;
  metadata?: string | null;
}

type Partitions = Map<number, Committed>;
type GroupOffsets = Map<string, Partitions>;

/** The file is written anew when it has grown this much beyond what it holds. */
const COMPACT_AFTER = 4 * 1024 * 1024;

/** The committed offsets of all groups: in memory, and in a file of JSON lines that is only appended to and now and then written anew. */
export class Offsets {
  readonly #files: Files;
  readonly #path: string;
  readonly #everyWrite: boolean;
  readonly #groups = new Map<string, GroupOffsets>();
  #file: LogFile;
  #size: number;
  #compactAt: number;

  /** `everyWrite`: a commit is synced to the disk before it is acknowledged. */
  constructor(path: string, files: Files, everyWrite: boolean) {
    this.#files = files;
    this.#path = path;
    this.#everyWrite = everyWrite;
    this.#file = files.open(path);
    this.#size = this.#read();
    this.#compactAt = this.#size + COMPACT_AFTER;
  }

  has(group: string): boolean {
    return this.#groups.has(group);
  }

  groups(): string[] {
    return [...this.#groups.keys()];
  }

  get(group: string, topic: string, partition: number): Committed | undefined {
    return this.#groups.get(group)?.get(topic)?.get(partition);
  }

  /** All that `group` committed: topic → partition → offset. */
  of(group: string): ReadonlyMap<string, ReadonlyMap<number, Committed>> {
    return this.#groups.get(group) ?? new Map<string, Partitions>();
  }

  /** Commits several at once; throws, and changes nothing, when the disk refuses. */
  commit(group: string, commits: readonly { topic: string; partition: number; committed: Committed }[]): void {
    this.#append(commits.map(({ topic, partition, committed }) => ({ group, topic, partition, ...committed })));
  }

  forgetGroup(group: string): void {
    if (this.#groups.has(group)) this.#append([{ group }]);
  }

  /** A topic that was deleted: one made later under its name begins anew. */
  forgetTopic(topic: string): void {
    this.#append([...this.#groups].filter(([, topics]) => topics.has(topic)).map(([group]) => ({ group, topic })));
  }

  close(): void {
    this.#file.sync();
    this.#file.close();
  }

  async syncSoon(): Promise<void> {
    await this.#file.syncSoon();
  }

  #append(lines: Line[]): void {
    if (lines.length === 0) return;
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    this.#file.write(bytes, this.#size);
    if (this.#everyWrite) this.#file.sync();
    this.#size += bytes.length;
    for (const line of lines) this.#apply(line);
    if (this.#size >= this.#compactAt) this.#compact();
  }

  #apply({ group, topic, partition, offset, metadata }: Line): void {
    if (topic === undefined) {
      this.#groups.delete(group);
      return;
    }
    const topics = entry(this.#groups, group, () => new Map<string, Partitions>());
    if (partition === undefined || offset === undefined) topics.delete(topic);
    else entry(topics, topic, () => new Map<number, Committed>()).set(partition, { offset, metadata: metadata ?? null });
    if (topics.size === 0) this.#groups.delete(group);
  }

  /** Reads the file; what follows the last whole line was never acknowledged and is overwritten. Returns the length of what counts. */
  #read(): number {
    const bytes = Buffer.alloc(this.#file.size());
    this.#file.read(bytes, 0);
    let at = 0;
    for (let end = bytes.indexOf(10, at); end >= 0; end = bytes.indexOf(10, at)) {
      const line = parse(bytes.toString('utf8', at, end));
      if (!line) break;
      this.#apply(line);
      at = end + 1;
    }
    if (at < bytes.length) this.#file.truncate(at);
    return at;
  }

  #compact(): void {
    const lines: string[] = [];
    for (const [group, topics] of this.#groups) {
      for (const [topic, partitions] of topics) {
        for (const [partition, committed] of partitions) lines.push(`${JSON.stringify({ group, topic, partition, ...committed })}\n`);
      }
    }
    const bytes = Buffer.from(lines.join(''));
    const draft = `${this.#path}.draft`;
    try {
      const file = this.#files.open(draft);
      file.truncate(0);
      file.write(bytes, 0);
      file.sync();
      renameSync(draft, this.#path);
      this.#file.close();
      this.#file = file;
      this.#size = bytes.length;
    } catch {
      // The long file is still whole and right; it is tried again when that has grown some more.
    }
    this.#compactAt = this.#size + COMPACT_AFTER;
  }
}

function parse(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
