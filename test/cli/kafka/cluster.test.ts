import { createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { TodoctlError } from '../../../cli/errors/todoctl-error.ts';
import type { KafkaAccess, Sasl } from '../../../cli/kafka/access.ts';
import { ApiKey } from '../../../cli/kafka/api-keys.ts';
import { Cluster, patiently, shown } from '../../../cli/kafka/cluster.ts';
import { ErrorCode } from '../../../cli/kafka/error-codes.ts';
import { ConnectionLost, KafkaError } from '../../../cli/kafka/failures.ts';
import { openConnection } from '../../../cli/kafka/open.ts';
import { MalformedFrame, Writer } from '../../../cli/kafka/wire.ts';
import { ScriptedCluster } from './scripted-broker.ts';

const refusal = async (asked: Promise<unknown>): Promise<TodoctlError> => {
  const error = await asked.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(TodoctlError);
  return error as TodoctlError;
};

describe('finding a broker', () => {
  test('takes the first that answers', async () => {
    const kafka = new ScriptedCluster([1, 2]).topic('orders', [1]);
    kafka.down.add(1);
    await using cluster = new Cluster(kafka.access);
    expect((await cluster.metadata(['orders'])).topics).toMatchObject([{ name: 'orders', partitions: [{ partition: 0, leader: 1 }] }]);
    expect(kafka.heard.every((line) => line.startsWith('2'))).toBe(true);
  });

  test('says of each one why it does not answer', async () => {
    const kafka = new ScriptedCluster([1, 2]);
    kafka.down.add(1).add(2);
    await using cluster = new Cluster(kafka.access);
    expect((await refusal(cluster.metadata(null))).toJSON()).toMatchObject({
      code: 'TODOCTL_KAFKA_UNREACHABLE',
      message: 'No broker of Kafka at test (scripted) answers',
      details: ['broker-1.test:9001: connect ECONNREFUSED 1', 'broker-2.test:9002: connect ECONNREFUSED 2'],
    });
  });

  test('keeps one connection for all short questions, and makes another when it is lost', async () => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    await using cluster = new Cluster(kafka.access);
    await Promise.all([cluster.metadata(null), cluster.metadata(null)]);
    expect(kafka.heard.filter((line) => line.includes('ApiVersions'))).toHaveLength(1);
    kafka.drop(1);
    await cluster.metadata(null).catch(() => cluster.metadata(null));
    expect(kafka.heard.filter((line) => line.includes('ApiVersions'))).toHaveLength(2);
  });

  test('that is no Kafka is said to be none', async () => {
    const kafka = new ScriptedCluster();
    kafka.script = () => Buffer.from('HTTP/1.1 400 Bad Request');
    await using cluster = new Cluster(kafka.access);
    expect((await refusal(cluster.metadata(null))).code).toBe('TODOCTL_KAFKA_MALFORMED');
  });

  test('that speaks only versions of its own is said so', async () => {
    const kafka = new ScriptedCluster();
    kafka.versions[ApiKey.metadata] = [99, 100];
    await using cluster = new Cluster(kafka.access);
    expect((await refusal(cluster.metadata(null))).details).toEqual(['broker-1.test:9001 speaks Metadata 99 to 100, todoctl 4 to 7']);
  });
});

describe('SASL', () => {
  const secured = (sasl: Sasl[]): { kafka: ScriptedCluster; access: KafkaAccess; asked: () => number } => {
    const kafka = new ScriptedCluster().topic('orders', [1]);
    let asked = 0;
    return { kafka, access: { ...kafka.access, sasl: async () => sasl[Math.min(asked++, sasl.length - 1)] as Sasl }, asked: () => asked };
  };
  const plain: Sasl = { mechanism: 'PLAIN', username: 'ann', password: 'secret' };

  const letIn = (kafka: ScriptedCluster, password: string): void => {
    kafka.script = ({ api, body }) => {
      if (api === ApiKey.saslHandshake) return new Writer().int16(0).array([], () => undefined).done();
      if (api !== ApiKey.saslAuthenticate) return undefined;
      const right = body.nullableBytes()?.toString() === `\0ann\0${password}`;
      return new Writer().int16(right ? 0 : ErrorCode.SASL_AUTHENTICATION_FAILED).string(right ? null : 'Invalid username or password').bytes(Buffer.alloc(0)).int64(0n).done();
    };
  };

  test('PLAIN lets the right password in', async () => {
    const { kafka, access } = secured([plain]);
    letIn(kafka, 'secret');
    await using cluster = new Cluster(access);
    expect((await cluster.metadata(null)).topics).toHaveLength(1);
  });

  test('a refusal is said in the broker’s words, without the password', async () => {
    const { kafka, access } = secured([plain]);
    letIn(kafka, 'other');
    await using cluster = new Cluster(access);
    const error = await refusal(cluster.metadata(null));
    expect(error.toJSON()).toMatchObject({ code: 'TODOCTL_KAFKA_AUTH_REFUSED', message: 'Kafka at test (scripted) refused us', why: 'Invalid username or password' });
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  test('a password that was rotated is asked for again, once', async () => {
    const { kafka, access, asked } = secured([plain, { ...plain, password: 'new' }]);
    letIn(kafka, 'new');
    await using cluster = new Cluster(access);
    await cluster.metadata(null);
    expect(asked()).toBe(2);
  });

  test('a password that stays the same is not tried twice: that would only lock the user out', async () => {
    const { kafka, access } = secured([plain]);
    letIn(kafka, 'other');
    await using cluster = new Cluster(access);
    await refusal(cluster.metadata(null));
    expect(kafka.heard.filter((line) => line.includes('ApiVersions'))).toHaveLength(1);
  });

  test('a mechanism that the broker does not take is named with those that it does', async () => {
    const { kafka, access } = secured([plain]);
    kafka.script = ({ api }) => {
      const writer = new Writer();
      return api === ApiKey.saslHandshake ? writer.int16(ErrorCode.UNSUPPORTED_SASL_MECHANISM).array(['SCRAM-SHA-512'], (name) => writer.string(name)).done() : undefined;
    };
    await using cluster = new Cluster(access);
    expect((await refusal(cluster.metadata(null))).why).toBe('The broker takes SCRAM-SHA-512, not PLAIN');
  });

  test('SCRAM goes its three ways over the wire', async () => {
    const { kafka, access } = secured([{ mechanism: 'SCRAM-SHA-512', username: 'ann', password: 'secret' }]);
    const salt = Buffer.from('salt');
    let first = '';
    let serverFirst = '';
    kafka.script = ({ api, body }) => {
      if (api === ApiKey.saslHandshake) return new Writer().int16(0).array([], () => undefined).done();
      if (api !== ApiKey.saslAuthenticate) return undefined;
      const text = body.nullableBytes()?.toString() ?? '';
      const say = (answer: string): Buffer => new Writer().int16(0).string(null).bytes(Buffer.from(answer)).int64(0n).done();
      if (!first) {
        first = text.slice('n,,'.length);
        serverFirst = `${first.slice(first.indexOf('r='))}server,s=${salt.toString('base64')},i=4096`;
        return say(serverFirst);
      }
      const salted = pbkdf2Sync('secret', salt, 4096, 64, 'sha512');
      const serverKey = createHmac('sha512', salted).update('Server Key').digest();
      return say(`v=${createHmac('sha512', serverKey).update(`${first},${serverFirst},${text.slice(0, text.lastIndexOf(',p='))}`).digest('base64')}`);
    };
    await using cluster = new Cluster(access);
    expect((await cluster.metadata(null)).topics).toHaveLength(1);
  });
});

describe('connecting', () => {
  test('ends when it is told to', async () => {
    const stop = new AbortController();
    const access: KafkaAccess = {
      ...new ScriptedCluster().access,
      connect: (_, signal) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
    };
    const opening = openConnection(access, { host: 'slow', port: 1 }, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(opening).rejects.toThrow(/^slow:1: /);
  });
});

describe('an error of the protocol as a person sees it', () => {
  const { access } = new ScriptedCluster();

  test.each([
    [new KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED, 'fetch orders/0'), 'TODOCTL_KAFKA_AUTH_REFUSED', 'Kafka at test (scripted) refused: fetch orders/0: TOPIC_AUTHORIZATION_FAILED'],
    [new KafkaError(ErrorCode.INVALID_CONFIG, 'create topic x', 'retention.ms: -5'), 'TODOCTL_KAFKA_REFUSED', 'Kafka at test (scripted) refused: create topic x: INVALID_CONFIG (retention.ms: -5)'],
    [new KafkaError(999, 'fetch'), 'TODOCTL_KAFKA_REFUSED', 'Kafka at test (scripted) refused: fetch: ERROR_999'],
    [new ConnectionLost('gone'), 'TODOCTL_KAFKA_UNREACHABLE', 'Kafka at test (scripted) is gone'],
    [new MalformedFrame('what?'), 'TODOCTL_KAFKA_MALFORMED', 'What answers as Kafka at test (scripted) is not understood'],
  ])('%s', (error, code, message) => {
    expect(shown(access, error)).toMatchObject({ code, message });
  });

  test('and any other error stays what it is', () => {
    const error = new Error('a bug');
    expect(shown(access, error)).toBe(error);
  });
});

describe('patience', () => {
  const lost = new ConnectionLost('gone');

  test('tries again while it may help, with growing pauses', async () => {
    const pauses: number[] = [];
    let tried = 0;
    const asked = patiently(() => (++tried < 4 ? Promise.reject(lost) : Promise.resolve('there')), async (ms) => void pauses.push(ms));
    expect(await asked).toBe('there');
    expect(pauses).toEqual([100, 200, 400]);
  });

  test('has an end', async () => {
    let tried = 0;
    await expect(patiently(() => Promise.reject((tried++, lost)), async () => undefined)).rejects.toBe(lost);
    expect(tried).toBe(6);
  });

  test('has none for what cannot pass', async () => {
    let tried = 0;
    const refused = new KafkaError(ErrorCode.INVALID_CONFIG, 'create');
    await expect(patiently(() => Promise.reject((tried++, refused)), async () => undefined)).rejects.toBe(refused);
    expect(tried).toBe(1);
  });
});
