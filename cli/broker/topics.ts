import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../io/json-log.ts';
import { type PartitionDeps, Partition } from './log/partition.ts';
import { changeConfig, defaultConfig, type TopicConfig } from './topic-config.ts';

/** A topic as it stands in its folder's topic.json. */
interface StoredTopic {
  partitions: number;
  /** Only what was set; the rest are defaults. */
  config: Partial<TopicConfig>;
}

export interface Topic {
  readonly name: string;
  readonly partitions: readonly Partition[];
  readonly set: Readonly<Partial<TopicConfig>>;
  /** `set` over the defaults. */
  readonly config: Readonly<TopicConfig>;
}

interface OpenTopic extends Topic {
  partitions: Partition[];
  set: Partial<TopicConfig>;
  config: TopicConfig;
}

const STORED = 'topic.json';
const GOING = '.going-';

export interface TopicsDeps extends PartitionDeps {
  log: Log;
  segmentBytes?: number;
}

/** Kafka's rule for topic names; it also makes them safe as names of folders. */
export function isTopicName(name: string): boolean {
  return /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..';
}

/** The topics of a data directory: a folder each, with topic.json and a folder per partition. */
export class Topics {
  readonly #root: string;
  readonly #deps: TopicsDeps;
  readonly #topics = new Map<string, OpenTopic>();

  constructor(root: string, deps: TopicsDeps) {
    this.#root = root;
    this.#deps = deps;
    mkdirSync(root, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(root)) this.#open(name);
  }

  get defaults(): TopicConfig {
    return defaultConfig(this.#deps.segmentBytes);
  }

  all(): Topic[] {
    return [...this.#topics.values()];
  }

  get(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  partition(topic: string, index: number): Partition | undefined {
    return this.#topics.get(topic)?.partitions[index];
  }

  /** Makes a topic that does not exist yet. Throws what the disk says. */
  create(name: string, partitions: number, set: Partial<TopicConfig>): Topic {
    const folder = this.#folder(name);
    mkdirSync(folder, { mode: 0o700 });
    try {
      const opened = this.#openPartitions(name, 0, partitions);
      // Written last: a folder without it is what a killed creation left, and is removed at the next start.
      this.#store(name, { partitions, config: set });
      const topic = { name, partitions: opened, set, config: { ...this.defaults, ...set } };
      this.#topics.set(name, topic);
      return topic;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Adds partitions so that there are `total`. */
  grow(name: string, total: number): void {
    const topic = this.#existing(name);
    const added = this.#openPartitions(name, topic.partitions.length, total);
    this.#store(name, { partitions: total, config: topic.set });
    topic.partitions.push(...added);
  }

  configure(name: string, changes: Iterable<readonly [string, string | null]>): void {
    const topic = this.#existing(name);
    const set = changeConfig(topic.set, changes);
    this.#store(name, { partitions: topic.partitions.length, config: set });
    topic.set = set;
    topic.config = { ...this.defaults, ...set };
  }

  remove(name: string): void {
    const topic = this.#existing(name);
    // Renamed first: a removal that is killed half-way must not come back as a smaller topic.
    const going = path.join(this.#root, `${GOING}${randomBytes(6).toString('hex')}`);
    renameSync(this.#folder(name), going);
    this.#topics.delete(name);
    for (const partition of topic.partitions) partition.abandon();
    rmSync(going, { recursive: true, force: true });
  }

  /** Rolls and removes what each topic's retention says. */
  enforceRetention(): void {
    for (const { name, partitions, config } of this.#topics.values()) {
      for (const [index, partition] of partitions.entries()) {
        const keep = { retentionMs: config['retention.ms'], retentionBytes: config['retention.bytes'] };
        try {
          const removed = partition.enforce(keep, rolling(config));
          if (removed > 0) this.#deps.log.info('retention removed segments', { topic: name, partition: index, removed });
        } catch (error) {
          this.#deps.log.error('retention failed', { topic: name, partition: index, error: String(error) });
        }
      }
    }
  }

  close(): void {
    for (const { name, partitions } of this.#topics.values()) {
      for (const [index, partition] of partitions.entries()) {
        try {
          partition.close();
        } catch (error) {
          this.#deps.log.warn('could not close a partition cleanly; the next start will read it', { topic: name, partition: index, error: String(error) });
        }
      }
    }
    this.#topics.clear();
  }

  #open(name: string): void {
    const folder = this.#folder(name);
    if (name.startsWith(GOING) || !existsSync(path.join(folder, STORED))) {
      rmSync(folder, { recursive: true, force: true });
      return;
    }
    const stored = JSON.parse(readFileSync(path.join(folder, STORED), 'utf8')) as StoredTopic;
    const partitions = this.#openPartitions(name, 0, stored.partitions);
    this.#topics.set(name, { name, partitions, set: stored.config, config: { ...this.defaults, ...stored.config } });
  }

  #openPartitions(name: string, from: number, to: number): Partition[] {
    return Array.from({ length: to - from }, (_, index) => {
      const { partition, cut } = Partition.open(path.join(this.#folder(name), String(from + index)), this.#deps);
      if (cut > 0) this.#deps.log.warn('cut a torn tail that was never acknowledged', { topic: name, partition: from + index, bytes: cut });
      return partition;
    });
  }

  #store(name: string, topic: StoredTopic): void {
    this.#deps.files.replace(path.join(this.#folder(name), STORED), JSON.stringify(topic));
  }

  #folder(name: string): string {
    return path.join(this.#root, name);
  }

  #existing(name: string): OpenTopic {
    const topic = this.#topics.get(name);
    if (!topic) throw new Error(`no topic ${name}`);
    return topic;
  }
}

/** The part of a topic's settings that says when a segment is closed. */
export function rolling(config: Readonly<TopicConfig>): { segmentBytes: number; segmentMs: number } {
  return { segmentBytes: config['segment.bytes'], segmentMs: config['segment.ms'] };
}
