import { describe } from 'vitest';
import { eventsContract } from '../contract/kafka/events-suite.ts';
import { startApacheKafka } from '../tools/kafka/start.ts';
import { realPart } from './parts.ts';

const kafka = await realPart('kafka', startApacheKafka);

describe.skipIf(!kafka)('Apache Kafka', () => {
  if (kafka) eventsContract('Apache Kafka', async () => kafka);
});
