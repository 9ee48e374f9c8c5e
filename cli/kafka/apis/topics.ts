import { ApiKey } from '../api-keys.ts';
import type { Writer } from '../wire.ts';
import { type Api, NEVER } from './api.ts';

export interface TopicSpec {
  name: string;
  partitions: number;
  /** -1: the broker's default. */
  replication?: number;
  /** Kafka's own keys: `retention.ms`, `cleanup.policy`, … */
  config?: Readonly<Record<string, string>>;
}

/** What became of one topic. */
export interface TopicOutcome {
  topic: string;
  error: number;
  message: string | null;
}

export const createTopics: Api<{ topics: readonly TopicSpec[]; timeoutMs: number }, TopicOutcome[]> = {
  name: 'CreateTopics',
  key: ApiKey.createTopics,
  min: 2,
  max: 4,
  flexible: NEVER,
  encode(writer, request) {
    writer.array(request.topics, (topic) => {
      writer.string(topic.name).int32(topic.partitions).int16(topic.replication ?? 1);
      writer.array([], () => undefined);
      writer.array(Object.entries(topic.config ?? {}), ([key, value]) => writer.string(key).string(value));
    });
    writer.int32(request.timeoutMs).boolean(false);
  },
  decode(reader) {
    reader.int32();
    return reader.array(() => ({ topic: reader.string(), error: reader.int16(), message: reader.nullableString() }));
  },
};

export const deleteTopics: Api<{ topics: readonly string[]; timeoutMs: number }, TopicOutcome[]> = {
  name: 'DeleteTopics',
  key: ApiKey.deleteTopics,
  min: 1,
  max: 3,
  flexible: NEVER,
  encode: (writer, request) => void writer.array(request.topics, (topic) => writer.string(topic)).int32(request.timeoutMs),
  decode(reader) {
    reader.int32();
    return reader.array(() => ({ topic: reader.string(), error: reader.int16(), message: null }));
  },
};

export const createPartitions: Api<{ topics: readonly { topic: string; partitions: number }[]; timeoutMs: number }, TopicOutcome[]> = {
  name: 'CreatePartitions',
  key: ApiKey.createPartitions,
  min: 0,
  max: 1,
  flexible: NEVER,
  encode(writer, request) {
    writer.array(request.topics, ({ topic, partitions }) => writer.string(topic).int32(partitions).int32(-1));
    writer.int32(request.timeoutMs).boolean(false);
  },
  decode(reader) {
    reader.int32();
    return reader.array(() => ({ topic: reader.string(), error: reader.int16(), message: reader.nullableString() }));
  },
};

const TOPIC_RESOURCE = 2;
const SET = 0;

export interface TopicConfig extends TopicOutcome {
  config: Record<string, string | null>;
}

export const describeConfigs: Api<{ topics: readonly string[]; keys: readonly string[] | null }, TopicConfig[]> = {
  name: 'DescribeConfigs',
  key: ApiKey.describeConfigs,
  min: 1,
  max: 2,
  flexible: NEVER,
  encode(writer, request) {
    writer.array(request.topics, (topic) => {
      writer.int8(TOPIC_RESOURCE).string(topic);
      writeKeys(writer, request.keys);
    });
    writer.boolean(false);
  },
  decode(reader) {
    reader.int32();
    return reader.array(() => {
      const error = reader.int16();
      const message = reader.nullableString();
      reader.int8();
      const topic = reader.string();
      const entries = reader.array(() => {
        const entry = [reader.string(), reader.nullableString()] as const;
        reader.boolean();
        reader.int8();
        reader.boolean();
        reader.array(() => {
          reader.string();
          reader.nullableString();
          reader.int8();
        });
        return entry;
      });
      return { topic, error, message, config: Object.fromEntries(entries) };
    });
  },
};

function writeKeys(writer: Writer, keys: readonly string[] | null): void {
  if (keys) writer.array(keys, (key) => writer.string(key));
  else writer.int32(-1);
}

/** Sets single keys and leaves the others alone (AlterConfigs would reset them). */
export const incrementalAlterConfigs: Api<{ topic: string; config: Readonly<Record<string, string>> }, TopicOutcome[]> = {
  name: 'IncrementalAlterConfigs',
  key: ApiKey.incrementalAlterConfigs,
  min: 0,
  max: 0,
  flexible: NEVER,
  encode(writer, request) {
    writer.array([request], ({ topic, config }) => {
      writer.int8(TOPIC_RESOURCE).string(topic);
      writer.array(Object.entries(config), ([key, value]) => writer.string(key).int8(SET).string(value));
    });
    writer.boolean(false);
  },
  decode(reader) {
    reader.int32();
    return reader.array(() => {
      const head = { error: reader.int16(), message: reader.nullableString() };
      reader.int8();
      return { ...head, topic: reader.string() };
    });
  },
};
