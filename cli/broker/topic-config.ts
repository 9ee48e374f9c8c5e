/** The settings of a topic that this broker keeps, under Kafka's own names. */
export interface TopicConfig {
  'retention.ms': number;
  'retention.bytes': number;
  'segment.bytes': number;
  'segment.ms': number;
  'max.message.bytes': number;
  'cleanup.policy': 'delete';
}
export type ConfigName = keyof TopicConfig;

interface Setting {
  /** Kafka's type number of DescribeConfigs: 3 = INT, 5 = LONG, 7 = LIST. */
  type: 3 | 5 | 7;
  /** Least value of a number. */
  least: number;
  documentation: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export const SETTINGS: Readonly<Record<ConfigName, Setting>> = {
  'retention.ms': { type: 5, least: -1, documentation: 'How long records are kept, by their own times; -1 is for ever.' },
  'retention.bytes': { type: 5, least: -1, documentation: 'How much one partition keeps; -1 is everything.' },
  'segment.bytes': { type: 3, least: 1024, documentation: 'Size at which a segment file is closed; retention removes whole segments.' },
  'segment.ms': { type: 5, least: 1, documentation: 'Age at which a segment file is closed.' },
  'max.message.bytes': { type: 3, least: 0, documentation: 'Largest record batch.' },
  'cleanup.policy': { type: 7, least: 0, documentation: 'Only "delete": this broker does not compact.' },
};

/** Kafka's defaults, but for the segment's size: a laptop keeps little, and retention works by whole segments. */
export function defaultConfig(segmentBytes = 32 * 1024 * 1024): TopicConfig {
  return {
    'retention.ms': 7 * DAY_MS,
    'retention.bytes': -1,
    'segment.bytes': segmentBytes,
    'segment.ms': 7 * DAY_MS,
    'max.message.bytes': 1_048_588,
    'cleanup.policy': 'delete',
  };
}

/** Why a setting is refused; the message goes to the client with INVALID_CONFIG. */
export class InvalidConfig extends Error {
  override readonly name = 'InvalidConfig';
}

function isConfigName(name: string): name is ConfigName {
  return Object.hasOwn(SETTINGS, name);
}

/** Checks `changes` (name → value, null takes a setting back to its default) and applies them to a copy of `set`. Throws InvalidConfig. */
export function changeConfig(set: Partial<TopicConfig>, changes: Iterable<readonly [name: string, value: string | null]>): Partial<TopicConfig> {
  const changed: Record<string, unknown> = { ...set };
  for (const [name, value] of changes) {
    if (!isConfigName(name)) {
      throw new InvalidConfig(`this broker does not know ${name}; it knows ${Object.keys(SETTINGS).join(', ')}`);
    }
    if (value === null) delete changed[name];
    else changed[name] = parse(name, value);
  }
  return changed;
}

function parse(name: ConfigName, value: string): number | 'delete' {
  const { type, least } = SETTINGS[name];
  if (type === 7) {
    if (value === 'delete') return value;
    throw new InvalidConfig(`${name}=${value}: this broker removes old segments ("delete") and does not compact`);
  }
  const most = type === 3 ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER;
  const number = /^-?\d+$/.test(value) ? Number(value) : NaN;
  // Clients write "for ever" as the largest 64-bit number.
  if (type === 5 && number > most && BigInt(value) < 2n ** 63n) return most;
  if (!(number >= least && number <= most)) throw new InvalidConfig(`${name}=${value}: a whole number of at least ${least} is wanted`);
  return number;
}
