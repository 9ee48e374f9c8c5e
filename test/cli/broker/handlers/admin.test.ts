import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeConfigsHandler, incrementalAlterConfigsHandler } from '../../../../cli/broker/handlers/configs.ts';
import type { BrokerContext, ClientContext, Handler } from '../../../../cli/broker/handlers/context.ts';
import { createPartitionsHandler, createTopicsHandler, deleteTopicsHandler } from '../../../../cli/broker/handlers/topics.ts';
import { diskFiles, type Files } from '../../../../cli/broker/log/files.ts';
import { jsonLog } from '../../../../cli/io/json-log.ts';
import { Offsets } from '../../../../cli/broker/offsets.ts';
import type { CreateTopicsRequest } from '../../../../cli/broker/protocol/topics.ts';
import { Topics } from '../../../../cli/broker/topics.ts';
import { errorName } from '../../../../cli/kafka/error-codes.ts';

let root: string;
let full: boolean;
let logged: string[];
let broker: BrokerContext;
const files: Files = {
  ...diskFiles,
  replace: (file, content) => {
    if (full) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
    diskFiles.replace(file, content);
  },
};
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'admin-'));
  full = false;
  logged = [];
  const log = jsonLog({ name: 'broker', level: 'debug', write: (line) => logged.push(line) });
  const topics = new Topics(path.join(root, 'topics'), { files, now: Date.now, log, dirty: () => undefined, later: (work) => void work() });
  broker = { topics, offsets: new Offsets(path.join(root, 'offsets.log'), files, false), log } as BrokerContext;
});
afterEach(() => {
  broker.topics.close();
  broker.offsets.close();
  rmSync(root, { recursive: true, force: true });
});

async function call<Request, Response>(handler: Handler<Request, Response>, request: Request): Promise<Response> {
  return (await handler(request, broker, {} as ClientContext)) as Response;
}

type Wanted = Partial<CreateTopicsRequest['topics'][number]>;
async function create(topics: Wanted[], validateOnly = false): Promise<string[]> {
  const whole = topics.map((topic) => ({ name: 't', partitions: 1, replicationFactor: 1, assignments: 0, configs: [], ...topic }));
  return (await call(createTopicsHandler, { topics: whole, validateOnly })).topics.map(({ error }) => errorName(error));
}

describe('making topics', () => {
  it('takes what is left to the broker as one partition and one replica', async () => {
    expect(await create([{ partitions: -1, replicationFactor: -1 }])).toEqual(['NONE']);
    expect(broker.topics.get('t')?.partitions).toHaveLength(1);
  });

  it('makes as many partitions as replicas are named for', async () => {
    await create([{ partitions: -1, replicationFactor: -1, assignments: 3 }]);
    expect(broker.topics.get('t')?.partitions).toHaveLength(3);
  });

  it('only checks when asked to', async () => {
    expect(await create([{ name: 'a' }, { name: 'b', configs: [['retention.ms', 'x']] }], true)).toEqual(['NONE', 'INVALID_CONFIG']);
    expect(broker.topics.all()).toEqual([]);
  });

  it('refuses a name that is there twice, both times', async () => {
    expect(await create([{ name: 'a' }, { name: 'b' }, { name: 'a' }])).toEqual(['INVALID_REQUEST', 'NONE', 'INVALID_REQUEST']);
  });

  it.each([0, -2, 257, 2 ** 31 - 1])('refuses %i partitions without trying', async (partitions) => {
    expect(await create([{ partitions }])).toEqual(['INVALID_PARTITIONS']);
    expect(readdirSync(path.join(root, 'topics'))).toEqual([]);
  });

  it('leaves nothing behind when the disk is full, and says so in its log', async () => {
    full = true;
    expect(await create([{ partitions: 3 }])).toEqual(['KAFKA_STORAGE_ERROR']);
    expect(readdirSync(path.join(root, 'topics'))).toEqual([]);
    expect(logged.join('')).toContain('making topic t failed');
    full = false;
    expect(await create([{ partitions: 3 }])).toEqual(['NONE']);
  });
});

describe('changing topics', () => {
  const grow = async (name: string, total: number, validateOnly = false): Promise<string> =>
    errorName((await call(createPartitionsHandler, { topics: [{ name, total }], validateOnly })).topics[0]?.error ?? -1);

  it('adds partitions, or only checks that it could', async () => {
    await create([{}]);
    expect([await grow('t', 3, true), broker.topics.get('t')?.partitions.length, await grow('t', 3), broker.topics.get('t')?.partitions.length]).toEqual(['NONE', 1, 'NONE', 3]);
  });

  it('refuses fewer, the same, too many, and topics that are not there', async () => {
    await create([{ partitions: 2 }]);
    expect([await grow('t', 1), await grow('t', 2), await grow('t', 257), await grow('other', 3)]).toEqual([
      'INVALID_PARTITIONS', 'INVALID_PARTITIONS', 'INVALID_PARTITIONS', 'UNKNOWN_TOPIC_OR_PARTITION',
    ]);
  });

  it('forgets what groups committed for a topic that is deleted', async () => {
    await create([{}]);
    broker.offsets.commit('g', [{ topic: 't', partition: 0, committed: { offset: 5, metadata: null } }]);
    await call(deleteTopicsHandler, { names: ['t'] });
    expect(broker.offsets.has('g')).toBe(false);
  });
});

describe("a topic's settings", () => {
  const TOPIC = 2;
  const BROKER = 4;
  const describeOf = async (name: string, keys: string[] | null, type = TOPIC): Promise<unknown> => (await call(describeConfigsHandler, { resources: [{ type, name, keys }] })).resources[0];
  const alter = async (changes: { name: string; operation: number; value: string | null }[], validateOnly = false): Promise<string> =>
    errorName((await call(incrementalAlterConfigsHandler, { resources: [{ type: TOPIC, name: 't', changes }], validateOnly })).resources[0]?.error ?? -1);

  it('are told with what was set and what is default', async () => {
    await create([{ configs: [['retention.ms', '1000']] }]);
    expect(await describeOf('t', ['retention.ms', 'retention.bytes'])).toMatchObject({
      error: 0,
      configs: [
        { name: 'retention.ms', value: '1000', isDefault: false },
        { name: 'retention.bytes', value: '-1', isDefault: true },
      ],
    });
    expect((await describeOf('t', null)) as { configs: unknown[] }).toMatchObject({ configs: { length: 6 } });
    expect(await describeOf('t', ['no.such'])).toMatchObject({ error: 0, configs: [] });
  });

  it('belong to topics only', async () => {
    expect(await describeOf('1', null, BROKER)).toMatchObject({ message: 'only topics have settings here', configs: [] });
    expect(await describeOf('none', null)).toMatchObject({ message: 'no topic none' });
  });

  it('are set, taken back, or only checked; and never half', async () => {
    await create([{}]);
    expect(await alter([{ name: 'retention.ms', operation: 0, value: '5' }], true)).toBe('NONE');
    expect(broker.topics.get('t')?.set).toEqual({});
    expect(await alter([{ name: 'retention.ms', operation: 0, value: '5' }, { name: 'retention.bytes', operation: 0, value: 'x' }])).toBe('INVALID_CONFIG');
    expect(broker.topics.get('t')?.set).toEqual({});
    await alter([{ name: 'retention.ms', operation: 0, value: '5' }]);
    expect(broker.topics.get('t')?.config['retention.ms']).toBe(5);
    await alter([{ name: 'retention.ms', operation: 1, value: null }]);
    expect(broker.topics.get('t')?.set).toEqual({});
  });

  it('are no lists to append to', async () => {
    await create([{}]);
    expect(await alter([{ name: 'cleanup.policy', operation: 2, value: 'compact' }])).toBe('INVALID_REQUEST');
  });

  it('stay as they were when the disk is full', async () => {
    await create([{ configs: [['retention.ms', '1000']] }]);
    full = true;
    expect(await alter([{ name: 'retention.ms', operation: 0, value: '5' }])).toBe('KAFKA_STORAGE_ERROR');
    expect(broker.topics.get('t')?.config['retention.ms']).toBe(1000);
    broker.topics.close();
    expect(logged.at(-1)).toContain('the next start will read it');
  });
});
