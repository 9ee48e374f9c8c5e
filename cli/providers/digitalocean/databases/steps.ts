import type { Platform } from '../../../definition/platform.ts';
import type { Step } from '../../../engine/step.ts';
import type { Redactor } from '../../../io/redactor.ts';
import type { Cluster, ProviderSteps } from '../../provider.ts';
import type { ApiVpc } from '../api.ts';
import type { DigitalOcean } from '../client.ts';
import { kafkaStep } from './kafka.ts';
import { postgresStep } from './postgres.ts';
import { serverStep } from './server.ts';
import { wantedKafka, wantedPostgres } from './wanted.ts';

/** PostgreSQL and Kafka where the definition has DigitalOcean run them. Their machines come up beside the cluster; who may connect is said once that is there. */
export function databaseSteps(given: { api: DigitalOcean; redactor: Redactor }, platform: Platform, vpc: Step<ApiVpc>, cluster: Step<Cluster>): Pick<ProviderSteps, 'database' | 'kafka'> {
  const [postgres, kafka] = [wantedPostgres(platform), wantedKafka(platform)];
  return {
    ...(postgres ? { database: postgresStep(given, postgres.access, serverStep(given.api, postgres.server, vpc), cluster) } : {}),
    ...(kafka ? { kafka: kafkaStep(given, kafka.access, serverStep(given.api, kafka.server, vpc), cluster) } : {}),
  };
}
