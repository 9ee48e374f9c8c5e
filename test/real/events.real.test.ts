import { afterAll, describe } from 'vitest';
import { clientVersions } from '../contract/kafka/client-versions.ts';
import { eventsContract } from '../contract/kafka/events-suite.ts';
import { startApacheKafka } from '../tools/kafka/start.ts';
import { realPart } from './parts.ts';

const kafka = await realPart('kafka', startApacheKafka);

describe.skipIf(!kafka)('Apache Kafka', () => {
  if (!kafka) return;
  const shared = { ...kafka, stop: async () => undefined };
  afterAll(() => kafka.stop());
  eventsContract('Apache Kafka', async () => shared);
  clientVersions('Apache Kafka', async () => shared);
});
