import { describe } from 'vitest';
import { kafkaContract } from '../contract/kafka/suite.ts';
import { startApacheKafka } from '../tools/kafka/start.ts';
import { realPart } from './parts.ts';

const kafka = await realPart('kafka', startApacheKafka);

describe.skipIf(!kafka)('Apache Kafka', () => {
  if (kafka) kafkaContract('Apache Kafka', async () => kafka);
});
