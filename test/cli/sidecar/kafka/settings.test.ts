import { describe, expect, it } from 'vitest';
import { parseBrokers } from '../../../../cli/kafka/tcp.ts';
import { kafkaSettings, type KafkaSettings } from '../../../../cli/sidecar/kafka/settings.ts';
import { Metadata } from '../../../../cli/sidecar/resources/component.ts';

const settings = (properties: Record<string, string>): KafkaSettings => {
  const metadata = new Metadata(new Map(Object.entries({ brokers: '127.0.0.1:9092', authType: 'none', ...properties })));
  return kafkaSettings({ file: 'pubsub.yaml', name: 'pubsub', type: 'pubsub.kafka', version: 'v1', metadata }, 'audit');
};

describe('a pubsub.kafka component', () => {
  it('has Dapr\'s defaults', () => {
    expect(settings({})).toMatchObject({
      group: 'audit',
      initial: 'newest',
      sessionTimeoutMs: 10_000,
      heartbeatMs: 3000,
      codecId: 0,
      maxMessageBytes: 1_048_576,
      retryMax: 5,
      consumeRetry: { policy: 'constant', durationMs: 5000, maxRetries: -1 },
    });
  });

  it('takes what it is told', () => {
    expect(settings({ consumerGroup: 'live-0', initialOffset: 'Oldest', sessionTimeout: '6s', heartbeatInterval: '500ms', compression: 'zstd', maxMessageBytes: '2000', producerRetryMax: '1', backOffDuration: '200ms', backOffMaxRetries: '3' })).toMatchObject({
      group: 'live-0', initial: 'oldest', sessionTimeoutMs: 6000, heartbeatMs: 500, codecId: 4, maxMessageBytes: 2000, retryMax: 1, consumeRetry: { durationMs: 200, maxRetries: 3 },
    });
  });

  it('names its group after the consumerID where there is no consumerGroup', () => {
    expect(settings({ consumerID: 'me' }).group).toBe('me');
  });

  it('may pass a record over at once', () => {
    expect(settings({ consumeRetryEnabled: 'false' }).consumeRetry).toBeUndefined();
    expect(settings({ consumeRetryEnabled: 'true' }).consumeRetry).toBeDefined();
  });

  it('logs in with a password: SHA-512 and SHA-256 are SCRAM, and every other spelling is PLAIN', async () => {
    const login = { authType: 'password', saslUsername: 'u', saslPassword: 'p', disableTls: 'true' };
    const mechanism = async (saslMechanism: string): Promise<unknown> => (await settings({ ...login, saslMechanism }).access.sasl?.())?.mechanism;
    expect(await Promise.all(['SHA-512', 'SHA-256', 'PLAINTEXT', 'SCRAM-SHA-512'].map(mechanism))).toEqual(['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN', 'PLAIN']);
  });

  it('speaks TLS unless it has no authentication or is told not to', () => {
    expect(settings({}).access.tls).toBeUndefined();
    expect(settings({ authType: 'certificate', caCert: 'PEM' }).access.tls).toEqual({ ca: 'PEM' });
    expect(settings({ authType: 'certificate', disableTls: 'true' }).access.tls).toBeUndefined();
  });

  it.each([
    [{ brokers: '' }, 'missing brokers'],
    [{ brokers: 'localhost' }, 'brokers: localhost is not a list of host:port'],
    [{ authType: '' }, 'missing authType'],
    [{ authType: 'oidc' }, 'authType oidc is not supported by the local sidecar'],
    [{ authType: 'password' }, 'missing saslUsername'],
    [{ initialOffset: 'middle' }, 'initialOffset must be newest or oldest, not middle'],
    [{ compression: 'brotli' }, 'compression must be one of none, gzip, snappy, lz4, zstd'],
    [{ sessionTimeout: 'long' }, 'sessionTimeout is not a duration'],
    [{ producerRetryMax: 'many' }, 'producerRetryMax is not a whole number'],
    [{ producerRequiredAcks: 'none' }, 'producerRequiredAcks none is not supported'],
    [{ skipVerify: 'true' }, 'skipVerify is not supported'],
  ])('is refused by name with %j', (properties, message) => {
    expect(() => settings(properties as Record<string, string>)).toThrow(`pubsub.yaml: Component pubsub: ${message}`);
  });
});

describe('a list of brokers', () => {
  it('is host:port, with brackets around IPv6', () => {
    expect(parseBrokers('a:1, [::1]:9092')).toEqual([{ host: 'a', port: 1 }, { host: '::1', port: 9092 }]);
  });

  it.each(['', 'a', 'a:', ':1', 'a:65536', 'a:1,', 'a b:1'])('is not %j', (text) => {
    expect(parseBrokers(text)).toBeUndefined();
  });
});
