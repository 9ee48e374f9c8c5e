import type { KafkaAccess, Sasl } from '../../kafka/access.ts';
import { CODECS } from '../../kafka/compression.ts';
import { connectTcp, parseBrokers } from '../../kafka/tcp.ts';
import type { Component } from '../resources/component.ts';
import { duration } from '../resources/duration.ts';
import type { Retry } from '../resources/resiliency.ts';
import { ResourceError } from '../resources/resource-error.ts';
import type { InitialOffset } from './fetch-loop.ts';

/** What a `pubsub.kafka` component says, checked (components-contrib common/component/kafka/metadata.go). */
export interface KafkaSettings {
  access: KafkaAccess;
  group: string;
  initial: InitialOffset;
  sessionTimeoutMs: number;
  heartbeatMs: number;
  codecId: number;
  maxMessageBytes: number;
  retryMax: number;
  /** What the component itself does when the app fails and there is no dead-letter topic; undefined: nothing, the record is passed over. */
  consumeRetry: Retry | undefined;
}

// Sarama's and the component's defaults.
const MAX_MESSAGE_BYTES = 1024 * 1024;
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 3000;
const RETRY_MAX = 5;
const BACK_OFF_MS = 5000;
const BACK_OFF_MAX_MS = 60_000;
const MECHANISMS: Record<string, Sasl['mechanism']> = { 'SHA-512': 'SCRAM-SHA-512', 'SHA-256': 'SCRAM-SHA-256', PLAINTEXT: 'PLAIN' };

/** Reads a component for one app. Throws a ResourceError that names the property. */
export function kafkaSettings(component: Component, appId: string): KafkaSettings {
  const { file, name, metadata } = component;
  const refuse = (problem: string): never => {
    throw new ResourceError(file, `Component ${name}: ${problem}`);
  };
  const ms = (key: string, otherwise: number): number => {
    const text = metadata.get(key);
    return text ? (duration(text) ?? refuse(`${key} is not a duration`)) : otherwise;
  };
  const count = (key: string, otherwise: number): number => {
    const text = metadata.get(key);
    return !text ? otherwise : /^-?\d+$/.test(text) ? Number(text) : refuse(`${key} is not a whole number`);
  };
  const initial = (metadata.get('initialOffset') || 'newest').toLowerCase();
  if (initial !== 'newest' && initial !== 'oldest') refuse(`initialOffset must be newest or oldest, not ${initial}`);
  const codecId = CODECS.indexOf((metadata.get('compression') || 'none') as (typeof CODECS)[number]);
  if (codecId < 0) refuse(`compression must be one of ${CODECS.join(', ')}`);
  const acks = metadata.get('producerRequiredAcks') || 'all';
  if (acks !== 'all') refuse(`producerRequiredAcks ${acks} is not supported by the local sidecar; it always waits for all`);
  return {
    access: kafkaAccess(component, refuse),
    group: metadata.get('consumerGroup') || metadata.get('consumerID') || appId,
    initial: initial as InitialOffset,
    sessionTimeoutMs: ms('sessionTimeout', SESSION_TIMEOUT_MS),
    heartbeatMs: ms('heartbeatInterval', HEARTBEAT_MS),
    codecId,
    maxMessageBytes: count('maxMessageBytes', MAX_MESSAGE_BYTES) || MAX_MESSAGE_BYTES,
    retryMax: count('producerRetryMax', RETRY_MAX),
    consumeRetry: metadata.get('consumeRetryEnabled') && !metadata.flag('consumeRetryEnabled') ? undefined : {
      policy: metadata.get('backOffPolicy') === 'exponential' ? 'exponential' : 'constant',
      durationMs: ms('backOffDuration', BACK_OFF_MS),
      maxIntervalMs: ms('backOffMaxInterval', BACK_OFF_MAX_MS),
      maxRetries: count('backOffMaxRetries', -1),
      statuses: undefined,
    },
  };
}

function kafkaAccess({ metadata }: Component, refuse: (problem: string) => never): KafkaAccess {
  const brokers = metadata.get('brokers') || refuse('missing brokers');
  const bootstrap = parseBrokers(brokers) ?? refuse(`brokers: ${brokers} is not a list of host:port`);
  const authType = (metadata.get('authType') ?? '').toLowerCase();
  if (!['none', 'password', 'certificate'].includes(authType)) {
    refuse(authType === '' ? 'missing authType' : `authType ${authType} is not supported by the local sidecar (none, password, certificate are)`);
  }
  const withTls = authType !== 'none' && !metadata.flag('disableTls');
  const ca = metadata.get('caCert');
  if (metadata.flag('skipVerify')) refuse('skipVerify is not supported by the local sidecar; give the broker\'s caCert');
  const access: KafkaAccess = {
    where: brokers,
    bootstrap,
    connect: connectTcp,
    ...(withTls && { tls: ca ? { ca } : {} }),
    [Symbol.asyncDispose]: async () => undefined,
  };
  if (authType !== 'password') return access;
  const username = metadata.get('saslUsername') || refuse('missing saslUsername');
  const password = metadata.get('saslPassword') || refuse('missing saslPassword');
  // Any other spelling means PLAIN, as in the component itself.
  const mechanism = MECHANISMS[metadata.get('saslMechanism') ?? ''] ?? 'PLAIN';
  return { ...access, sasl: async () => ({ mechanism, username, password }) };
}
