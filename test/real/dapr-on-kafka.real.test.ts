import { describe } from 'vitest';
import { startEmbeddedSidecar } from '../contract/dapr/sidecars.ts';
import { daprContract } from '../contract/dapr/suite.ts';
import { startApacheKafka } from '../tools/kafka/start.ts';
import { realPart } from './parts.ts';

// The embedded sidecar's own Kafka client, its group membership above all, against the broker that it will meet with `kafka: {bootstrap}`.
const kafka = await realPart('kafka', startApacheKafka);

describe.skipIf(!kafka)('Apache Kafka 4.3.1', () => {
  daprContract('the embedded sidecar on Apache Kafka', startEmbeddedSidecar, async () => kafka ?? Promise.reject(new Error('no Kafka')));
});
