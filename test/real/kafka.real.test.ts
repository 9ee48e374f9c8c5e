import { afterAll, describe } from 'vitest';
import { kafkaContract } from '../contract/kafka/suite.ts';
import { kafkaVersions } from '../contract/kafka/versions.ts';
import { startApacheKafka } from '../tools/kafka/start.ts';
import { realPart } from './parts.ts';

const kafka = await realPart('kafka', startApacheKafka);

describe.skipIf(!kafka)('Apache Kafka', () => {
  if (!kafka) return;
  const shared = { ...kafka, stop: async () => undefined };
  afterAll(() => kafka.stop());
  kafkaContract('Apache Kafka', async () => shared);
  kafkaVersions('Apache Kafka', async () => shared);
});
